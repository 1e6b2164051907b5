-- Apart from its making: this reads the table without keeping anybody out.
ALTER TABLE "mutations" VALIDATE CONSTRAINT "mutations_operation";
