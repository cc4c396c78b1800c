// Before vis-network is read and ready, this holds its place: a camera, and the same picture on a canvas of our own.
const shown = { scale: 1, x: 0, y: 0 }; // its camera: the point of the map in the middle, pixels for one unit

/** Return what answers as a vis-network does, as far as the page asks; without a canvas it draws nothing. */
function standIn(box) {
  const waiting = []; // handlers, for vis-network and for the drawings until then
  const canvas = drawable ? el("canvas", { style: null }) : null;
  const ctx = canvas?.getContext("2d");
  if (canvas) box.append(canvas);
  const middle = () => [box.clientWidth / 2, box.clientHeight / 2];
  const self = {
    waiting,
    on: (event, handler) => waiting.push([event, handler]),
    getScale: () => shown.scale,
    getViewPosition: () => ({ x: shown.x, y: shown.y }),
    canvasToDOM: ({ x, y }) => ({ x: (x - shown.x) * shown.scale + middle()[0], y: (y - shown.y) * shown.scale + middle()[1] }),
    DOMtoCanvas: ({ x, y }) => ({ x: (x - middle()[0]) / shown.scale + shown.x, y: (y - middle()[1]) / shown.scale + shown.y }),
    moveTo({ position = shown, scale = shown.scale, offset = { x: 0, y: 0 } }) {
      Object.assign(shown, { scale, x: position.x - offset.x / scale, y: position.y - offset.y / scale });
    },
    draw() {
      if (!canvas || !box.clientWidth) return;
      const times = window.devicePixelRatio || 1;
      [canvas.width, canvas.height] = [Math.round(box.clientWidth * times), Math.round(box.clientHeight * times)];
      ctx.setTransform(times, 0, 0, times, 0, 0);
      const { x, y } = self.canvasToDOM({ x: 0, y: 0 });
      ctx.translate(x, y);
      ctx.scale(shown.scale, shown.scale);
      paintEdges(ctx);
      for (const id of state.shownNodes) paintNode(ctx, id);
      for (const [event, handler] of waiting) if (event === "afterDrawing") handler(ctx);
    },
  };
  return self;
}
