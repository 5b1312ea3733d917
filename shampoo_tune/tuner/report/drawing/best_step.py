"""The histogram of best steps drawn, with the marks at 10 % and 75 % of the budget."""

from shampoo_tune.tuner.report.best_step import BINS, EARLY, LATE, BestStepView
from shampoo_tune.tuner.report.drawing.frame import Frame, count_axis, line
from shampoo_tune.tuner.report.drawing.marks import bar
from shampoo_tune.tuner.report.drawing.svg import image, text

_SIZE = (350, 200)


def draw_best_steps(view: BestStepView) -> str:
    """The histogram as one drawing."""
    most = int(view.counts.max())
    x = count_axis(0, view.steps, "best step", about=4)
    y = count_axis(0, most, "trials", about=4)
    frame = Frame(x, y, _SIZE)
    elements = frame.axes()
    for place, count in enumerate(view.counts.tolist()):
        ends = [place * view.steps / BINS, (place + 1) * view.steps / BINS]
        left, right = frame.across(ends).tolist()
        top = float(frame.up(count))
        if count:
            tip = f"{count} trials"
            elements.append(bar(left + 0.5, top, right - left - 1, frame.floor - top, "count", tip))
    for share in (EARLY, LATE):
        mark = float(frame.across(share * view.steps))
        elements.append(line(mark, frame.top, mark, frame.floor, "target"))
        words = f"{share:.0%}"
        elements.append(text(mark, frame.top - 5, words, class_="tick", text_anchor="middle"))
    title = f"{view.study}: best step by trial"
    description = f"{view.feasible} trials, {view.early:.0%} early, {view.late:.0%} late"
    return image(_SIZE, title, description, elements)
