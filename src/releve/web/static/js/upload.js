// A file goes to the API as it is, so that it is never whole in anybody's memory; the form's other fields go into the address.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-upload]");
  if (!form) return;
  event.preventDefault();
  const file = form.elements.file.files[0];
  if (!file) {
    complain(form, form.querySelector("[data-problem]").dataset.needed);
    form.elements.file.focus();
    return;
  }
  const fields = [...new FormData(form)].filter(([name, value]) => name !== "file" && value !== "");
  const address = `${form.dataset.upload}?${new URLSearchParams([["name", file.name], ...fields])}`;
  send(form, address, file);
});

function send(form, address, file) {
  const button = form.querySelector("[type=submit]");
  const progress = form.querySelector("[data-progress]");
  const request = new XMLHttpRequest();
  button.disabled = true;
  progress.hidden = false;
  request.upload.addEventListener("progress", (event) => { progress.value = event.loaded / (event.total || 1); });
  request.addEventListener("loadend", () => {
    if (request.status === 201) {
      location.assign(form.dataset.done);
      return;
    }
    complain(form, problemOf(request));
    button.disabled = false;
    progress.hidden = true;
  });
  request.open("POST", address);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.send(file);
}

function complain(form, text) {
  const notice = form.querySelector("[data-problem]");
  notice.hidden = false;
  notice.querySelector("p").textContent = text;
}

function problemOf(request) {
  try {
    const problem = JSON.parse(request.responseText);
    return problem.errors?.[0]?.message || problem.detail;
  } catch {
    return request.statusText || "?";
  }
}
