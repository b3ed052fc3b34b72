"""L: the operator's firmware images and the keys they are signed with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import msgspec

from releve.domain.file import FileId, FileKind
from releve.domain.firmware import Image, Rollout, SigningKey
from releve.domain.ids import OperatorId
from releve.services import signatures
from releve.services.certificates.vault import Unsealable, Vault
from releve.services.errors import Invalid, NotFound, NotNow, Taken
from releve.services.files import FileDesk
from releve.services.ports import Clock, Ids, Store

SCHEMES = ("http", "https", "ftp", "ftps", "sftp")
LONGEST_URL = 512
"""2.0.1's limit; 2.1 takes 2000."""
LONGEST_TEXT = 100


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of an image beside its bytes."""

    version: str = ""
    vendor: str = ""
    model: str = ""
    signature: str = ""
    certificate: str = ""
    key: str = ""
    """Name of a key of ours to sign it with, instead of a given signature."""


class Images:
    def __init__(self, store: Store, clock: Clock, ids: Ids, files: FileDesk, vault: Vault) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._files = files
        self._vault = vault

    async def upload(
        self,
        operator: OperatorId,
        name: str,
        pieces: AsyncIterator[bytes],
        about: About,
        *,
        by: str,
        declared: int | None = None,
    ) -> Image:
        """Take in an image. A given signature that is provably wrong is refused: no station would install it."""
        _texts(about)
        if about.key:
            await self._key(operator, about.key)  # before the bytes: they may take long
        file = await self._files.keep(
            operator, FileKind.FIRMWARE, name, pieces, by=by, declared=declared
        )
        image = Image(
            id=str(self._ids.next()),
            name=file.name,
            version=about.version,
            vendor=about.vendor,
            model=about.model,
            file=file.id,
            size=file.size,
            sha256=file.sha256,
            md5=file.md5,
            added_by=by,
            added_at=self._clock.now(),
        )
        try:
            return await self._save(operator, await self._signed(operator, image, about))
        except BaseException:
            await self._files.remove(operator, file.id)
            raise

    async def refer(self, operator: OperatorId, url: str, about: About, *, by: str) -> Image:
        """Name an image that lies elsewhere; its signature cannot be checked here, nor made."""
        check_url(url)
        _texts(about)
        if about.key:
            raise Invalid("Only an uploaded image can be signed here.", field="key")
        name = urlsplit(url).path.rsplit("/", 1)[-1] or urlsplit(url).netloc
        image = Image(
            id=str(self._ids.next()),
            name=name[:LONGEST_TEXT],
            version=about.version,
            vendor=about.vendor,
            model=about.model,
            url=url,
            added_by=by,
            added_at=self._clock.now(),
        )
        return await self._save(operator, await self._signed(operator, image, about))

    async def sign(
        self,
        operator: OperatorId,
        image: str,
        *,
        key: str = "",
        signature: str = "",
        certificate: str = "",
    ) -> Image:
        """Sign an image with a key of ours, or take a given signature."""
        found = await self.get(operator, image)
        about = About(signature=signature, certificate=certificate, key=key)
        if not key and not signature:
            raise Invalid("Name a key, or give a signature with its certificate.", field="key")
        return await self._save(operator, await self._signed(operator, found, about))

    async def get(self, operator: OperatorId, image: str) -> Image:
        """The image; NotFound."""
        async with self._store.work(operator) as work:
            found = await work.documents.get(Image, image)
        if found is None:
            raise NotFound("There is no such firmware image.")
        return found

    async def all(self, operator: OperatorId) -> list[Image]:
        """Newest first."""
        async with self._store.work(operator) as work:
            found = await work.documents.all(Image)
        return sorted(found, key=lambda image: image.added_at, reverse=True)

    async def remove(self, operator: OperatorId, image: str) -> None:
        """Remove an image with its file. Not while a roll-out of it goes on."""
        found = await self.get(operator, image)
        async with self._store.work(operator) as work:
            for rollout in await work.documents.all(Rollout):
                if rollout.image == image and rollout.ended_at is None:
                    raise NotNow("A roll-out of this image goes on: cancel it first.")
            work.documents.remove(Image, image)
        if found.file is not None:
            try:
                await self._files.remove(operator, FileId(found.file))
            except NotFound:
                return

    # --- keys ---------------------------------------------------------------------------------------------------

    async def keys(self, operator: OperatorId) -> list[SigningKey]:
        """By name."""
        async with self._store.work(operator) as work:
            return await work.documents.all(SigningKey)

    async def make_key(
        self,
        operator: OperatorId,
        name: str,
        algorithm: signatures.Algorithm = signatures.Algorithm.EC,
        *,
        private_key: str = "",
        certificate: str = "",
    ) -> SigningKey:
        """Make a signing key with a certificate of its own, or take in a given pair. The key is encrypted at rest."""
        if not name.strip() or len(name) > LONGEST_TEXT:
            raise Invalid("A key has a name of at most 100 characters.", field="name")
        now = self._clock.now()
        if bool(private_key) is not bool(certificate):
            raise Invalid("A given key comes with its certificate.", field="certificate")
        key = (
            signatures.read_key(private_key.encode())
            if private_key
            else signatures.new_key(algorithm)
        )
        certificate = certificate or signatures.certificate_of(key, name, now)
        if not signatures.belongs(certificate, key):
            raise Invalid("The certificate is another key's.", field="certificate")
        made = SigningKey(
            name=name,
            algorithm=signatures.algorithm_of(key),
            certificate=certificate,
            sealed=self._vault.seal(signatures.private_pem(key), _label(operator, name)),
            created_at=now,
        )
        async with self._store.work(operator) as work:
            if await work.documents.get(SigningKey, name) is not None:
                raise Taken("A key of this name is there already.", field="name")
            work.documents.save(made)
        return made

    async def remove_key(self, operator: OperatorId, name: str) -> None:
        """Remove a key for good. Images that it signed keep their signature."""
        await self._key(operator, name)
        async with self._store.work(operator) as work:
            work.documents.remove(SigningKey, name)

    async def _key(self, operator: OperatorId, name: str) -> SigningKey:
        async with self._store.work(operator) as work:
            found = await work.documents.get(SigningKey, name)
        if found is None:
            raise NotFound("There is no such signing key.", field="key")
        return found

    async def _signed(self, operator: OperatorId, image: Image, about: About) -> Image:
        if about.key:
            return await self._sign_with(operator, image, about.key)
        if not about.signature and not about.certificate:
            return image
        if not about.signature or not about.certificate:
            raise Invalid(
                "A signature comes with the certificate of its signer.", field="certificate"
            )
        # A00.FR.707: certificate and image are checked before any station is given them.
        signatures.check_validity(about.certificate, self._clock.now())
        if image.sha256:
            judged = signatures.check(about.certificate, about.signature, image.sha256)
            if judged is signatures.Checked.WRONG:
                raise Invalid(
                    "The signature is not that of this file by this certificate.", field="signature"
                )
        return msgspec.structs.replace(
            image, signature=about.signature, certificate=about.certificate, signed_by=""
        )

    async def _sign_with(self, operator: OperatorId, image: Image, name: str) -> Image:
        if not image.sha256:
            raise Invalid("Only an uploaded image can be signed here.", field="key")
        key = await self._key(operator, name)
        try:
            pem = self._vault.open(key.sealed, _label(operator, name))
        except Unsealable as error:
            raise NotNow(str(error)) from error
        return msgspec.structs.replace(
            image,
            signature=signatures.sign(signatures.read_key(pem), image.sha256),
            certificate=key.certificate,
            signed_by=name,
        )

    async def _save(self, operator: OperatorId, image: Image) -> Image:
        async with self._store.work(operator) as work:
            work.documents.save(image)
        return image


def check_url(url: str, field: str = "url") -> None:
    """Invalid unless a station can be sent there: a scheme that stations speak, a host, no fragment."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
        parts = urlsplit("")
    if parts.scheme not in SCHEMES or not host or any(c.isspace() or ord(c) < 32 for c in url):
        raise Invalid(
            f"An address begins with one of {', '.join(f'{s}://' for s in SCHEMES)}.", field=field
        )
    if parts.fragment:
        raise Invalid("An address for stations has no fragment (#…).", field=field)
    if len(url) > LONGEST_URL:
        raise Invalid(f"An address has at most {LONGEST_URL} characters.", field=field)


def _texts(about: About) -> None:
    for field in ("version", "vendor", "model"):
        if len(getattr(about, field)) > LONGEST_TEXT:
            raise Invalid(f"At most {LONGEST_TEXT} characters.", field=field)


def _label(operator: OperatorId, name: str) -> str:
    return f"firmware signing {operator} {name}"
