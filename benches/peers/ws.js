// The npm package `ws`: sockets that are held, and a ready frame to all of them at a steady rate.
// node ws.js PORT FRAME_BYTES PERIOD_MS
import { WebSocket, WebSocketServer } from 'ws';

const [port, bytes, period] = process.argv.slice(2).map(Number);
const server = new WebSocketServer({ host: '127.0.0.1', port, perMessageDeflate: false });

if (period > 0) {
  const frame = 'x'.repeat(bytes);
  setInterval(() => {
    for (const client of server.clients) {
      if (client.readyState === WebSocket.OPEN) client.send(frame);
    }
  }, period);
}
