-- Stores a batch of webhooks and says of each what became of it, one letter a row in the order of the batch: a accepted, d duplicate,
-- n not installed. A function because PostgreSQL keeps its plan: said as a statement, a lone webhook cost twice as much, most of it planning.
-- Statements prepared by name would keep it, too, and would not go through every pooler.
--
-- One statement, one snapshot, one commit. Rows are inserted in key order, so two processes that store overlapping batches wait for each
-- other in the same order and cannot deadlock. A duplicate is counted by appending a row: updating the first delivery would make the
-- sender wait for a worker that has it locked.
CREATE FUNCTION "store_deliveries"("batch" json) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  "letters" text;
BEGIN
  WITH input AS (
    SELECT i.*, installs.id AS install_id
    FROM json_to_recordset("batch")
         AS i(ordinal int, shop text, webhook_id text, event_id text, topic text, api_version text, triggered_at timestamptz, order_id text,
              payload jsonb, state text, reason text, trace_id text)
    LEFT JOIN installs ON installs.shop = i.shop AND installs.state = 'active'
  ), firsts AS (
    SELECT DISTINCT ON (shop, webhook_id) * FROM input WHERE install_id IS NOT NULL ORDER BY shop, webhook_id, ordinal
  ), stored AS (
    INSERT INTO deliveries (install_id, shop, webhook_id, event_id, topic, api_version, triggered_at, order_id, payload, state, reason, trace_id, processed_at)
    SELECT install_id, shop, webhook_id, event_id, topic, api_version, triggered_at, order_id, payload, state, reason, trace_id,
           CASE WHEN state = 'pending' THEN NULL ELSE now() END
    FROM firsts ORDER BY shop, webhook_id
    ON CONFLICT (shop, webhook_id) DO NOTHING
    RETURNING shop, webhook_id
  ), judged AS (
    SELECT input.*, CASE
        WHEN input.install_id IS NULL THEN 'n'
        WHEN stored.webhook_id IS NOT NULL AND firsts.ordinal = input.ordinal THEN 'a'
        ELSE 'd' END AS outcome
    FROM input
    LEFT JOIN firsts ON firsts.shop = input.shop AND firsts.webhook_id = input.webhook_id
    LEFT JOIN stored ON stored.shop = input.shop AND stored.webhook_id = input.webhook_id
  ), counted AS (
    INSERT INTO delivery_duplicates (install_id, shop, webhook_id, topic)
    SELECT install_id, shop, webhook_id, topic FROM judged WHERE outcome = 'd'
  )
  SELECT string_agg(outcome, '' ORDER BY ordinal) INTO "letters" FROM judged;
  RETURN "letters";
END
$$;
