-- Shopify was seen to know the key of this call with the call's own content: from then on every answer under it is the remembered one.
ALTER TABLE "mutations" ADD COLUMN "key_stands" BOOLEAN NOT NULL DEFAULT false;
