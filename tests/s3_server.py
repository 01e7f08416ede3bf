"""An S3-compatible store over HTTP on this machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import boto3  # type: ignore[import-untyped]  # it ships no types
from moto.server import ThreadedMotoServer

BUCKET = "cordgraph-files"


@contextmanager
def s3_server() -> Iterator[str]:
    """Run the store with one bucket; the environment leads to it. Yields its address."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    environment = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "never-to-be-shown",
        "AWS_REGION": "us-east-1",
    }
    try:
        with mock.patch.dict(os.environ, environment):
            client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
            client.create_bucket(Bucket=BUCKET)
            yield endpoint
    finally:
        server.stop()
