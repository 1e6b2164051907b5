-- Alerts: who is told of an alert event, by which channel, and how far that is; and the incidents of the operation itself.
-- New tables only: an older version of the app goes on beside them.

-- One event told over one channel. Content is frozen when it is first sent, so that every repeat says the same under the same key.
CREATE TABLE "alert_messages" (
    "id" BIGSERIAL PRIMARY KEY,
    "install_id" BIGINT NOT NULL,
    "shop" TEXT NOT NULL,
    "event_id" BIGINT NOT NULL,
    "message_key" UUID NOT NULL DEFAULT gen_random_uuid(),
    "channel" TEXT NOT NULL,
    "channel_kind" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "stage" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "content" JSONB,
    "follows" UUID,
    "merged_into" BIGINT,
    "attempt_count" INTEGER NOT NULL DEFAULT 0,
    "attempt_open" BOOLEAN NOT NULL DEFAULT false,
    "maybe_taken" BOOLEAN NOT NULL DEFAULT false,
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "first_attempt_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    CONSTRAINT "alert_messages_one_per_event_and_channel" UNIQUE ("event_id", "channel"),
    CONSTRAINT "alert_messages_key" UNIQUE ("message_key"),
    CONSTRAINT "alert_messages_channel_kind" CHECK ("channel_kind" IN ('slack', 'webhook', 'email', 'flow')),
    CONSTRAINT "alert_messages_state" CHECK ("state" IN ('waiting', 'sent', 'merged', 'failed', 'dropped')),
    CONSTRAINT "alert_messages_ended" CHECK (("state" = 'waiting') = ("ended_at" IS NULL)),
    CONSTRAINT "alert_messages_merged" CHECK (("state" = 'merged') = ("merged_into" IS NOT NULL)),
    CONSTRAINT "alert_messages_sent_has_content" CHECK ("attempt_count" = 0 OR "content" IS NOT NULL)
);
CREATE INDEX "alert_messages_waiting" ON "alert_messages"("install_id", "channel", "kind", "id") WHERE "state" = 'waiting';
CREATE INDEX "alert_messages_of_incident" ON "alert_messages"("install_id", "kind", "subject");
CREATE INDEX "alert_messages_of_install" ON "alert_messages"("install_id", "state", "id");

CREATE FUNCTION "freeze_alert_message"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.content IS NOT NULL AND NEW.content IS DISTINCT FROM OLD.content
     OR (NEW.message_key, NEW.event_id, NEW.channel, NEW.target, NEW.install_id) IS DISTINCT FROM (OLD.message_key, OLD.event_id, OLD.channel, OLD.target, OLD.install_id) THEN
    RAISE EXCEPTION 'what an alert message says is fixed when it is first sent' USING CONSTRAINT = 'alert_messages_frozen', ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "alert_messages_frozen" BEFORE UPDATE ON "alert_messages" FOR EACH ROW EXECUTE FUNCTION "freeze_alert_message"();

CREATE FUNCTION "judge_alert_message_transition"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> OLD.state AND NOT (OLD.state = 'waiting' OR (OLD.state = 'failed' AND NEW.state IN ('waiting', 'sent'))) THEN
    RAISE EXCEPTION 'an alert message does not go from % to %', OLD.state, NEW.state USING CONSTRAINT = 'alert_messages_transition', ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "alert_messages_transition" BEFORE UPDATE ON "alert_messages" FOR EACH ROW EXECUTE FUNCTION "judge_alert_message_transition"();

-- The messages of one kind over one channel of a shop follow one another: who holds the lane's lease sends its next one.
CREATE TABLE "alert_lanes" (
    "install_id" BIGINT NOT NULL,
    "channel" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "quiet_minutes" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3),
    "lease_id" UUID,
    "leased_until" TIMESTAMPTZ(3),
    "last_sent_at" TIMESTAMPTZ(3),
    "failure_count" INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY ("install_id", "channel", "kind"),
    CONSTRAINT "alert_lanes_lease" CHECK (("lease_id" IS NULL) = ("leased_until" IS NULL))
);
CREATE INDEX "alert_lanes_due" ON "alert_lanes"("due_at") WHERE "due_at" IS NOT NULL;

-- An incident of the operation (lag, errors, work to review): at most one open per shop and kind; `incident` numbers them.
CREATE TABLE "alert_signals" (
    "install_id" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "incident" INTEGER NOT NULL DEFAULT 0,
    "open" BOOLEAN NOT NULL DEFAULT false,
    "figure" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "peak" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "change_count" INTEGER NOT NULL DEFAULT 0,
    "calm_since" TIMESTAMPTZ(3),
    "judged_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    PRIMARY KEY ("install_id", "kind")
);

-- What leaves no row of its own, counted by the minute: requests answered 5xx, deadlocks.
CREATE TABLE "signal_minutes" (
    "install_id" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "minute" TIMESTAMPTZ(0) NOT NULL,
    "count" INTEGER NOT NULL,
    PRIMARY KEY ("install_id", "kind", "minute"),
    CONSTRAINT "signal_minutes_kind" CHECK ("kind" IN ('webhook_errors', 'deadlocks'))
);
CREATE INDEX "signal_minutes_age" ON "signal_minutes"("minute");

-- Addresses that are secrets, and the key that signs webhooks: encrypted, never answered.
CREATE TABLE "alert_secrets" (
    "install_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    PRIMARY KEY ("install_id", "name")
);
