"use client";

import type { ReactNode } from "react";

/**
 * Last resort, when even the frame could not be rendered; pages answer for their own defects. It
 * knows nothing of the request, so it speaks both languages and carries its own few styles.
 */
export default function GlobalError({
  error,
}: {
  readonly error: Error & { readonly digest?: string };
}): ReactNode {
  return (
    <html lang="en">
      <head>
        <title>That did not work · 操作未能完成</title>
      </head>
      <body>
        <main>
          <h1>That did not work</h1>
          <p>
            Something went wrong on our side. Nothing has been charged twice, and nothing is lost.
          </p>
          <h1 lang="zh-CN">操作未能完成</h1>
          <p lang="zh-CN">我们这边出了问题。不会重复扣款，您的数据也没有丢失。</p>
          <p>
            <a href="/">Start page · 首页</a>
          </p>
          <p>{error.digest}</p>
        </main>
      </body>
    </html>
  );
}
