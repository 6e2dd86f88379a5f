import kafkajs, { type PartitionAssigner } from 'kafkajs';
import { stickyAssignment } from '../feed/sticky-assignment.js';

const VERSION = 1;
const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol;

/**
 * Members say in their user data which partitions they had (int32 each), and keep them where that is fair. kafkajs' own
 * round robin over random member ids moves two thirds of the partitions when a third member joins.
 */
export function stickyAssigner(topic: string, ownedNow: () => readonly number[]): PartitionAssigner {
  return ({ cluster }) => ({
    name: 'kairos-sticky',
    version: VERSION,
    protocol: ({ topics }) => ({
      name: 'kairos-sticky',
      metadata: MemberMetadata.encode({ version: VERSION, topics, userData: encode(ownedNow()) }),
    }),
    assign: async ({ members }) => {
      const count = cluster.findTopicPartitionMetadata(topic).length;
      const claims = members.map(({ memberId, memberMetadata }) => ({
        member: memberId,
        owned: decode(MemberMetadata.decode(memberMetadata)?.userData ?? null),
      }));
      return [...stickyAssignment(count, claims)].map(([memberId, partitions]) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({
          version: VERSION,
          assignment: { [topic]: partitions },
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
}

function encode(partitions: readonly number[]): Buffer {
  const bytes = Buffer.alloc(partitions.length * 4);
  partitions.forEach((partition, k) => bytes.writeInt32BE(partition, k * 4));
  return bytes;
}

function decode(bytes: Buffer | null): number[] {
  return Array.from({ length: (bytes?.length ?? 0) >> 2 }, (_, k) => bytes!.readInt32BE(k * 4));
}
