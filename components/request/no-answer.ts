/** Apart, so that a page which says it loads no form for it. */
export const NO_ANSWER = { code: "no_answer", title: "No answer came", detail: "The connection broke, so we cannot say whether it was sent.", remedy: "Look at the list of requests before you send it again." };
