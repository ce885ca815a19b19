// The shared instance and its database on Railway: `railway config apply` makes what is said here, and docs/deploy.md
// leads through it. No secret is in this file: Railway makes the database's password and hands it on.
import { defineRailway, postgres, project, service } from "railway/iac";

export default defineRailway(() => {
  // Railway's own image: PostgreSQL with pgvector, on a volume.
  const database = postgres("database");

  const server = service("server", {
    build: { builder: "DOCKERFILE", dockerfilePath: "Dockerfile" },
    // The schema is changed before the new version starts, beside the old one, which goes on working. A backup would lie
    // on a disk that is thrown away with the container: Railway backs the volume up instead.
    preDeploy: "node dist/lib/cli/main.js migrate --no-backup",
    start: "node dist/lib/cli/main.js serve",
    healthcheck: "/readyz",
    healthcheckTimeout: 120,
    deploy: {
      restartPolicyType: "ALWAYS",
      // Calls find one of the two while the new one takes over, and the old one ends ten seconds after it is asked at the latest.
      overlapSeconds: 5,
      drainingSeconds: 15,
    },
    env: {
      STORAGE_TYPE: "postgres",
      // Over the project's private network.
      POSTGRES_URL: database.env.DATABASE_URL,
      // Names under which it is called; Railway sets PORT, and its probes are answered under any name.
      AIKNOWSYS_ALLOWED_HOSTS: "${{RAILWAY_PUBLIC_DOMAIN}},${{RAILWAY_PRIVATE_DOMAIN}}",
    },
  });

  return project("aiknowsys", { resources: [database, server] });
});
