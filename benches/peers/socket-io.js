// Socket.IO: sockets that are held, and an event to all of them at a steady rate.
// node socket-io.js PORT FRAME_BYTES PERIOD_MS
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const [port, bytes, period] = process.argv.slice(2).map(Number);
const http = createServer();
const io = new Server(http, { perMessageDeflate: false, transports: ['websocket'] });
http.listen(port, '127.0.0.1');

if (period > 0) {
  const text = 'x'.repeat(bytes);
  setInterval(() => io.emit('delta', text), period);
}
