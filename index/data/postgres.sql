-- The tables of an index, in the schema of its fingerprint. `member` has the versions in a generation; `seal` is a checksum;
-- `embeds` the SHA-256 of the text that a vector is of; `part` a file of a generation, in pieces.
CREATE TABLE about (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE version (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transcript text NOT NULL, source text NOT NULL, sha256 text NOT NULL, title text NOT NULL, metadata text NOT NULL,
    body_sha256 text NOT NULL, seal text NOT NULL, contents_sha256 text NOT NULL,
    blocks text NOT NULL, locators text NOT NULL, notes text NOT NULL, text text NOT NULL,
    UNIQUE (seal, contents_sha256)
);
CREATE TABLE sentence (
    version bigint NOT NULL REFERENCES version ON DELETE CASCADE,
    ordinal integer NOT NULL, key bigint NOT NULL, block integer NOT NULL,
    start integer NOT NULL, "end" integer NOT NULL, role text NOT NULL,
    embeds bytea, seal bytea NOT NULL, text text NOT NULL, place text NOT NULL,
    PRIMARY KEY (version, ordinal)
);
CREATE INDEX sentence_by_key ON sentence (key);
CREATE INDEX sentence_by_text ON sentence (embeds);
CREATE TABLE passage (
    version bigint NOT NULL REFERENCES version ON DELETE CASCADE,
    ordinal integer NOT NULL, first integer NOT NULL, last integer NOT NULL, PRIMARY KEY (version, ordinal)
);
CREATE TABLE formal_record (
    version bigint NOT NULL REFERENCES version ON DELETE CASCADE,
    ordinal integer NOT NULL, kind text NOT NULL, record text NOT NULL, PRIMARY KEY (version, ordinal)
);
CREATE TABLE text_vector (
    embeds bytea PRIMARY KEY, embedding public.vector NOT NULL, tokens bytea NOT NULL, crc bigint NOT NULL
);
CREATE TABLE generation (
    number bigint PRIMARY KEY, id text NOT NULL, digest text NOT NULL, dimension integer NOT NULL,
    published timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE member (
    generation bigint NOT NULL REFERENCES generation ON DELETE CASCADE, version bigint NOT NULL REFERENCES version,
    transcript text NOT NULL, first_row integer NOT NULL, row_count integer NOT NULL,
    superseded_by text NOT NULL, metadata text NOT NULL, PRIMARY KEY (generation, version)
);
CREATE INDEX member_by_version ON member (version);
CREATE TABLE part (
    generation bigint NOT NULL REFERENCES generation ON DELETE CASCADE,
    name text NOT NULL, piece integer NOT NULL, sha256 bytea NOT NULL, data bytea NOT NULL,
    PRIMARY KEY (generation, name, piece)
);
CREATE TABLE current (
    single boolean PRIMARY KEY DEFAULT true CHECK (single), generation bigint NOT NULL REFERENCES generation
);
CREATE TABLE failure (source text PRIMARY KEY, reason text NOT NULL);
