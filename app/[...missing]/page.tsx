import { notFound } from "next/navigation";
import { framed } from "#app/frame.tsx";

/**
 * Any address without a page. A page of its own and not the framework's `not-found` file, whose content
 * would be sent along with every other page.
 */
export default framed(async () => notFound());
