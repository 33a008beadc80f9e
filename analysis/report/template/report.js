// A genre of the key lights its points up; a second time shows all again.
document.querySelectorAll("svg:has(.key)").forEach((map) => {
  const light = (key) => {
    const again = key.classList.contains("on");
    map.querySelectorAll(".on").forEach((each) => each.classList.remove("on"));
    map.classList.toggle("lit", !again);
    if (again) return;
    key.classList.add("on");
    map.querySelectorAll(`.genre-${key.dataset.genre}`).forEach((each) => each.classList.add("on"));
  };
  map.querySelectorAll(".key").forEach((key) => {
    key.setAttribute("tabindex", "0");
    key.setAttribute("role", "button");
    key.addEventListener("click", () => light(key));
    key.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        light(key);
      }
    });
  });
});
