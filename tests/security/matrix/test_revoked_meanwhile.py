"""A device that is revoked while its request is on the way changes nothing from then on."""

import pytest
from tests.security.matrix.clouds import Stored, TestCloud, all_files, all_rows
from tests.security.matrix.examples import example
from tests.security.matrix.test_credentials import name_of
from tests.support.asgi import Call

from satchel_wire.operations import OPERATIONS, Operation

WITH_BODY = [operation for operation in OPERATIONS if operation.takes and not operation.public]


@pytest.mark.parametrize("operation", WITH_BODY, ids=name_of)
def test_a_device_revoked_before_the_last_byte_of_its_request_changes_nothing(
    cloud: TestCloud, operation: Operation
) -> None:
    device, request = cloud.connect(), example(cloud, operation)
    found: list[Stored] = []

    async def stored() -> Stored:
        files = all_files(cloud.folder)
        for body in [name for name in files if name.startswith("uploads/") and name.endswith("/body")]:
            del files[body]  # bytes of a part count only once the part is marked as stored
        return Stored(await cloud.environment.database.read(all_rows), files)

    async def revoke() -> None:
        database = cloud.environment.database
        await database.write(lambda db: db.execute("DELETE FROM devices WHERE id = ?", (device.id,)))
        found.append(await stored())

    pieces = [request.body[:-1], request.body[-1:]]
    headers = {**request.all_headers, "Authorization": f"Bearer {device.token}"}
    answer = cloud.loopback.call(Call(request.method, request.path, headers, pieces, meanwhile=revoke))
    assert len(found) == 1
    assert cloud.loopback.run(stored()) == found[0]
    assert answer.problem == "not-signed-in" or operation.id == "preview_retention"
