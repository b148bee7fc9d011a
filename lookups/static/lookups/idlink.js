// Copy buttons, times in the reader's own zone, icons that are not read out. Works on parts that htmx brings in later, too.
(function () {
  "use strict";

  function localTimes(root) {
    root.querySelectorAll("time[data-moment]").forEach(function (element) {
      var at = new Date(element.dateTime);
      element.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
      element.title = at.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
      element.removeAttribute("data-moment");
    });
    root.querySelectorAll("time[data-age]").forEach(function (element) {
      element.title = new Date(element.dateTime).toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
    });
  }

  function copied(button, worked) {
    var label = button.textContent;
    button.textContent = worked ? "Copied" : "Press Ctrl+C";
    window.setTimeout(function () { button.textContent = label; }, 1500);
  }

  function select(button) {
    var code = button.parentElement.querySelector("code");
    window.getSelection().selectAllChildren(code);
    copied(button, document.execCommand("copy"));
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (!button) { return; }
    if (!navigator.clipboard) { select(button); return; }
    navigator.clipboard.writeText(button.dataset.copy).then(
      function () { copied(button, true); },
      function () { select(button); }
    );
  });

  // Unfold's icons are words in a font of icons: read out beside the words they adorn, they only disturb.
  function hushIcons(root) {
    root.querySelectorAll(".material-symbols-outlined").forEach(function (icon) {
      var around = icon.closest("a, button, label, p, h2, span:not(.material-symbols-outlined)");
      if (around && around.textContent.trim() !== icon.textContent.trim()) { icon.setAttribute("aria-hidden", "true"); }
    });
  }

  document.addEventListener("DOMContentLoaded", function () { localTimes(document); hushIcons(document); });
  document.addEventListener("htmx:load", function (event) { localTimes(event.detail.elt); });
})();
