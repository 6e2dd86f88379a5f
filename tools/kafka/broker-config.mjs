/**
 * The server.properties of one KRaft broker that is also a controller.
 * @param {{ nodes: { id: number, port: number, controllerPort: number, folder: string,
 *   detour?: { port: number, advertised: number } }[], index: number }} cluster
 */
export function brokerConfig({ nodes, index }) {
  const { id, port, controllerPort, folder, detour } = nodes[index];
  const replicas = nodes.length;
  const inSync = Math.min(2, replicas);
  return Object.entries({
    'node.id': id,
    'process.roles': 'broker,controller',
    'controller.quorum.voters': nodes.map((node) => `${node.id}@127.0.0.1:${node.controllerPort}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,DETOUR:PLAINTEXT,CONTROLLER:PLAINTEXT',
    // Whoever comes by the detour is sent by it to all other brokers too.
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: [
      `PLAINTEXT://127.0.0.1:${port}`,
      ...(detour === undefined ? [] : [`DETOUR://127.0.0.1:${detour.port}`]),
      `CONTROLLER://127.0.0.1:${controllerPort}`,
    ].join(','),
    'advertised.listeners': [
      `PLAINTEXT://127.0.0.1:${port}`,
      ...(detour === undefined ? [] : [`DETOUR://127.0.0.1:${detour.advertised}`]),
    ].join(','),
    'log.dirs': `${folder}/log`,
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 3,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 3,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    // A test that joins a group should not wait three seconds for members that never come, and may want to see one expire soon.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    // A killed broker is noticed after 4 s instead of 9.
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 4000,
    // The default of 128 MB is a third of the heap given to it.
    'log.cleaner.dedupe.buffer.size': 4 * 1024 * 1024,
    'num.network.threads': 2,
    'num.io.threads': 4,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
