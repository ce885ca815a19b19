import { randomBytes, randomUUID } from "node:crypto";
import type pg from "pg";
import { projectIdFrom } from "../../lib/domain/ids.ts";
import type { Project } from "../../lib/domain/project.ts";
import { timestampOf } from "../../lib/domain/timestamp.ts";
import type { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";

/** A tenant of the bench with its projects, the largest first. */
export interface BenchTenant {
  readonly name: string;
  readonly id: string;
  readonly projects: readonly BenchProject[];
}

export interface BenchProject {
  readonly project: Project;
  readonly events: number;
}

/** How many events each project of each tenant gets. */
export type TenantPlan = Readonly<Record<string, readonly number[]>>;

/**
 * Tenants with a tenth (a project of 8 %, twenty of 0.1 %), a hundredth and a thousandth of all events; the
 * rest lies with others of a hundredth each.
 */
export function unequalTenants(events: number): TenantPlan {
  const part = (share: number): number => Math.round(events * share);
  const plan: Record<string, readonly number[]> = {
    tenth: [part(0.08), ...Array.from({ length: 20 }, () => part(0.001))],
    hundredth: [part(0.01)],
    thousandth: [part(0.001)],
  };
  let left =
    events -
    Object.values(plan)
      .flat()
      .reduce((sum, count) => sum + count, 0);
  for (let i = 1; left > 0; i++) {
    const own = Math.min(left, part(0.01));
    plan[`other-${i}`] = [own];
    left -= own;
  }
  return plan;
}

/** Fifty projects of one tenant whose sizes fall like 1/rank^1.2: from a quarter of all down to some hundreds. */
export function fiftyProjects(events: number): TenantPlan {
  const shares = Array.from({ length: 50 }, (_, rank) => 1 / (rank + 1) ** 1.2);
  const whole = shares.reduce((sum, share) => sum + share, 0);
  return { fifty: shares.map((share) => Math.round((events * share) / whole)) };
}

export async function registerTenants(
  owner: pg.Client,
  storage: PostgresStorage,
  plan: TenantPlan,
): Promise<readonly BenchTenant[]> {
  const tenants: BenchTenant[] = [];
  for (const [name, counts] of Object.entries(plan)) {
    const id = randomUUID();
    await owner.query("INSERT INTO tenants (id, name, created_at) VALUES ($1, $2, now())", [id, name]);
    const { projects } = storage.granted({ tenant: id, projects: "all" });
    const registered: BenchProject[] = [];
    for (const [i, events] of counts.entries()) {
      const project = await projects.register({
        id: projectIdFrom(1 + i, randomBytes(16)),
        name: `${name}-${i}`,
        keys: [`path:/${name}/${i}`],
        roots: [],
        createdAt: timestampOf(1),
      });
      registered.push({ project, events });
    }
    tenants.push({ name, id, projects: registered });
  }
  return tenants;
}
