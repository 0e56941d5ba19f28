// Shows another month or scenario in the drawn map. The drawing itself is the last month and needs no script.
(function () {
  "use strict";
  var box = document.querySelector(".controls[data-figure]");
  if (!box) { return; }
  var data = JSON.parse(document.getElementById("map-data").textContent);
  var slider = document.getElementById("map-month");
  var choice = document.getElementById("map-scenario");
  var output = box.querySelector("output");
  var drawing = document.getElementById("figure-" + box.dataset.figure).querySelector(".drawing");
  var described = drawing.getAttribute("aria-label");

  function parts(id) {
    return ["w", "n"].map(function (kind) {
      return document.getElementById(box.dataset.figure + "-" + kind + "-" + id);
    }).filter(Boolean);
  }

  function write(id, text, colour) {
    parts(id).forEach(function (group) {
      var words = group.querySelector("text");
      if (text !== null) { words.textContent = text; }
      if (colour) { words.style.fill = colour; }
    });
  }

  function shade(value, breaks) {
    return breaks.filter(function (bound) { return value >= bound; }).length;
  }

  function number(measure, value) {
    if (measure === "paid") { return (value / 1000).toFixed(2); }
    return value < 0 ? "no need" : value + "%";
  }

  function show() {
    var month = Number(slider.value);
    var scenario = data.scenarios[choice ? Number(choice.value) : 0];
    var when = data.months[month];
    ["paid", "unmet"].forEach(function (measure) {
      data.codes.forEach(function (code, i) {
        var value = scenario[measure][month][i];
        var level = value < 0 ? -1 : shade(value, data.breaks[measure]);
        var ink = level >= data.dark ? "#ffffff" : "#0b0c0c";
        parts(measure + "-box-" + code).forEach(function (group) {
          group.querySelector("path").style.fill = level < 0 ? "#ffffff" : data.shades[measure][level];
        });
        write(measure + "-value-" + code, number(measure, value), ink);
        write(measure + "-name0-" + code, null, ink);
        write(measure + "-name1-" + code, null, ink);
      });
    });
    var title = "The 12 months to " + when + (choice ? ": " + scenario.name : "");
    write("month", title, null);
    output.textContent = when;
    slider.setAttribute("aria-valuetext", when);
    var last = month === data.months.length - 1 && scenario === data.scenarios[0];
    drawing.setAttribute("aria-label", last ? described : title + ". " + data.codes.map(function (code, i) {
      return data.names[i] + ": GBP " + number("paid", scenario.paid[month][i]) + "m, "
        + number("unmet", scenario.unmet[month][i]) + " unmet";
    }).join("; "));
  }

  box.hidden = false;
  slider.addEventListener("input", show);
  if (choice) { choice.addEventListener("change", show); }
  show();
}());
