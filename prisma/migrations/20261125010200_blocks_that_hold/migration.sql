-- What holds units is looked at again, whoever brought them: a late answer to a call of a life of the app that has ended, too.
CREATE OR REPLACE FUNCTION "count_holds"("installs" BIGINT[], "items" TEXT[], "places" TEXT[], "grown" INTEGER[], "gone" INTEGER[], "moved" INTEGER[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM "stock_blocks" b
    WHERE (b."install_id", b."inventory_item_id", b."location_id") IN (SELECT n.install_id, n.item, n.place FROM unnest("installs", "items", "places") AS n(install_id, item, place))
    ORDER BY b."install_id", b."inventory_item_id", b."location_id" FOR UPDATE;
  UPDATE "stock_blocks" b SET "growing" = b."growing" + n.grown, "leaving" = b."leaving" + n.gone, "held" = b."held" + n.moved,
      "look_at" = CASE WHEN n.moved > 0 THEN coalesce(b."look_at", now() + interval '5 minutes') ELSE b."look_at" END
    FROM (SELECT u.install_id, u.item, u.place, sum(u.grown) AS grown, sum(u.gone) AS gone, sum(u.moved) AS moved
          FROM unnest("installs", "items", "places", "grown", "gone", "moved") AS u(install_id, item, place, grown, gone, moved) GROUP BY 1, 2, 3) AS n
    WHERE b."install_id" = n.install_id AND b."inventory_item_id" = n.item AND b."location_id" = n.place;
END $$;
