// Adds to each block of code a button that copies it. Everything else works without this file.
"use strict";

const words = document.documentElement.lang.startsWith("zh")
  ? { copy: "复制", copied: "已复制" }
  : { copy: "Copy", copied: "Copied" };

for (const block of document.querySelectorAll("div.snippet")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = words.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("code").textContent.trimEnd());
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = words.copy; }, 2000);
  });
  if (navigator.clipboard) block.append(button);
}
