// What the storm adds to its databases, in a schema of its own: statements that abort or take their time when told to, and a record of decisions.

export const STATEMENT_FAULTS = ["deadlock", "serialization", "slow_statement"] as const;
export type StatementFault = (typeof STATEMENT_FAULTS)[number];

/** Statements of these tables may be aborted. */
const TABLES = ["deliveries", "orders", "changes", "mutations", "attempts", "audit_entries"];

/**
 * Sequences are not rolled back, so they count strikes although each strike undoes its own transaction. Armed as long as `struck` is
 * behind `armed`. The record of decisions says which attempt was the newest when a decision was committed; a takeover opens its attempt in
 * the same transaction and is no decision about the attempt before.
 */
export const STORM_SCHEMA = `
CREATE SCHEMA storm;
${STATEMENT_FAULTS.map((fault) => `CREATE SEQUENCE storm.${fault}_armed; CREATE SEQUENCE storm.${fault}_struck; SELECT nextval('storm.${fault}_armed'), nextval('storm.${fault}_struck');`).join("\n")}

CREATE FUNCTION storm.conflict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT last_value FROM storm.deadlock_struck) < (SELECT last_value FROM storm.deadlock_armed) THEN
    PERFORM nextval('storm.deadlock_struck');
    RAISE EXCEPTION 'the storm: deadlock' USING ERRCODE = '40P01';
  END IF;
  IF (SELECT last_value FROM storm.serialization_struck) < (SELECT last_value FROM storm.serialization_armed) THEN
    PERFORM nextval('storm.serialization_struck');
    RAISE EXCEPTION 'the storm: could not serialize' USING ERRCODE = '40001';
  END IF;
  IF (SELECT last_value FROM storm.slow_statement_struck) < (SELECT last_value FROM storm.slow_statement_armed) THEN
    PERFORM nextval('storm.slow_statement_struck');
    PERFORM pg_sleep(0.2);
  END IF;
  RETURN NULL;
END $$;
${TABLES.map((table) => `CREATE TRIGGER storm_conflict BEFORE INSERT OR UPDATE ON "${table}" FOR EACH STATEMENT EXECUTE FUNCTION storm.conflict();`).join("\n")}

CREATE TABLE storm.decisions (mutation_id uuid NOT NULL, newest_attempt int NOT NULL, to_state text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE FUNCTION storm.note_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE newest record;
BEGIN
  SELECT number, xmin::text = (pg_current_xact_id()::text::bigint % 4294967296)::text AS own INTO newest FROM attempts WHERE mutation_id = NEW.id ORDER BY number DESC LIMIT 1;
  IF NOT newest.own THEN
    INSERT INTO storm.decisions (mutation_id, newest_attempt, to_state) VALUES (NEW.id, newest.number, NEW.state);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER storm_decision AFTER UPDATE ON mutations FOR EACH ROW
  WHEN (OLD.state = 'open' AND (NEW.state IN ('refused', 'parked') OR (NEW.state = 'open' AND OLD.resend_at IS DISTINCT FROM NEW.resend_at)))
  EXECUTE FUNCTION storm.note_decision();
`;
