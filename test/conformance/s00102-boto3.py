"""The life of an API in boto3: resources, pages, errors, and what a request sees after each step.

Arguments: the data port of the Postern, the URL of an origin that answers with JSON of what it saw. The endpoint of
the management API stands in AWS_ENDPOINT_URL. Ends with 0 and one line of JSON when everything was as it should be.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

import boto3
from botocore.exceptions import ClientError, ParamValidationError

DATA_PORT, ORIGIN = sys.argv[1:3]
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
REGION = os.environ["AWS_REGION"]

api = boto3.client("apigatewayv2", endpoint_url=ENDPOINT)
checked = 0


def equal(actual, expected):
    global checked
    checked += 1
    assert actual == expected, f"{actual!r} is not {expected!r}"


def refused(error, call, *words, **parameters):
    """The call throws the modelled class, and its message holds the words. Returns the answer."""
    try:
        call(**parameters)
    except error as refusal:
        for word in words:
            assert word in str(refusal), f"{word!r} is not in {refusal}"
        equal(refusal.response["ResponseMetadata"]["HTTPStatusCode"] >= 400, True)
        return refusal.response
    raise AssertionError(f"not refused: {parameters}")


def ask(api_id, target, method="GET", **fields):
    """Status, fields and body of a request to the API's own name."""
    fields["Host"] = f"{api_id}.execute-api.localhost"
    url = f"http://127.0.0.1:{DATA_PORT}{target}"
    request = urllib.request.Request(url, method=method, headers=fields)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as response:
        return response.code, response.headers, response.read()


def seen(api_id, target):
    """What the origin says it saw."""
    status, _, body = ask(api_id, target)
    equal(status, 200)
    return json.loads(body)["target"]


def without_metadata(answer):
    equal(bool(answer["ResponseMetadata"]["RequestId"]), True)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def pages_of(operation, page_size, **parameters):
    paginator = api.get_paginator(operation)
    pages = list(paginator.paginate(PaginationConfig={"PageSize": page_size}, **parameters))
    return [page["Items"] for page in pages]


def build():
    equal(api.waiter_names, [])
    created = without_metadata(
        api.create_api(
            Name="zoo",
            ProtocolType="HTTP",
            Tags={"team": "zoo"},
            CorsConfiguration={"AllowOrigins": ["https://zoo.example"], "AllowMethods": ["GET"]},
        )
    )
    api_id = created["ApiId"]
    equal(without_metadata(api.get_api(ApiId=api_id)), created)
    equal(created["ApiKeySelectionExpression"], "$request.header.x-api-key")
    equal(created["RouteSelectionExpression"], "$request.method $request.path")
    equal(created["CreatedDate"].tzinfo is not None, True)
    age = datetime.now(timezone.utc) - created["CreatedDate"]
    equal(abs(age) < timedelta(minutes=5), True)
    return api_id


def add_routes(api_id):
    api.create_stage(ApiId=api_id, StageName="$default", AutoDeploy=True)
    keys = [f"GET /animals/{number}" for number in range(7)]
    targets = {}
    for number, key in enumerate(keys):
        integration = api.create_integration(
            ApiId=api_id,
            IntegrationType="HTTP_PROXY",
            IntegrationMethod="GET",
            IntegrationUri=f"{ORIGIN}/cage/{number}",
            PayloadFormatVersion="1.0",
        )
        target = f"integrations/{integration['IntegrationId']}"
        route = api.create_route(ApiId=api_id, RouteKey=key, Target=target)
        targets[route["RouteId"]] = target
        equal(seen(api_id, f"/animals/{number}"), f"/cage/{number}")
    pages = pages_of("get_routes", 3, ApiId=api_id)
    equal([len(page) for page in pages], [3, 3, 1])
    routes = [route for page in pages for route in page]
    equal([route["RouteKey"] for route in routes], keys)
    equal({route["RouteId"]: route["Target"] for route in routes}, targets)
    first = api.get_integrations(ApiId=api_id, MaxResults="5")
    rest = api.get_integrations(ApiId=api_id, MaxResults="5", NextToken=first["NextToken"])
    equal((len(first["Items"]), len(rest["Items"]), "NextToken" in rest), (5, 2, False))
    return routes[0]


def meet_errors(api_id, route):
    errors = api.exceptions
    missing = refused(errors.NotFoundException, api.get_api, "nosuchapi0", ApiId="nosuchapi0")
    equal(missing["Error"]["Code"], "NotFoundException")
    equal(missing["ResponseMetadata"]["HTTPStatusCode"], 404)
    twice = {"ApiId": api_id, "RouteKey": route["RouteKey"], "Target": route["Target"]}
    conflict = refused(errors.ConflictException, api.create_route, route["RouteKey"], **twice)
    equal(conflict["ResponseMetadata"]["HTTPStatusCode"], 409)
    refused(errors.BadRequestException, api.get_routes, "maxResults", ApiId=api_id, MaxResults="0")
    refused(errors.BadRequestException, api.get_routes, ApiId=api_id, NextToken="made up")
    refused(errors.BadRequestException, api.create_api, "WebSocket", Name="w", ProtocolType="WEBSOCKET")
    refused(
        errors.BadRequestException,
        api.create_route_response,
        "WebSocket",
        ApiId=api_id,
        RouteId=route["RouteId"],
        RouteResponseKey="$default",
    )
    wrong_enum = refused(
        ClientError, api.create_api, "protocolType", "WEBSOCKET", Name="w", ProtocolType="SMTP"
    )
    equal(wrong_enum["ResponseMetadata"]["HTTPStatusCode"], 400)
    throttle = {"ThrottlingRateLimit": 10.0, "ThrottlingBurstLimit": 5}
    stage = {"ApiId": api_id, "StageName": "$default", "DefaultRouteSettings": throttle}
    limits = api.update_stage(**stage)["DefaultRouteSettings"]
    equal(limits, {"DetailedMetricsEnabled": False, **throttle})
    equal(seen(api_id, "/animals/0"), "/cage/0")
    try:
        api.get_api()
        raise AssertionError("boto3 sent a call without its label")
    except ParamValidationError:
        pass


def meet_strangers():
    session = {"endpoint_url": ENDPOINT, "region_name": REGION}
    wrong_secret = boto3.client("apigatewayv2", aws_secret_access_key="0" * 40,
                                aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], **session)
    said = refused(ClientError, wrong_secret.get_apis)
    equal(said["Error"]["Code"], "InvalidSignatureException")
    unknown = boto3.client("apigatewayv2", aws_secret_access_key="0" * 40,
                           aws_access_key_id="AKPOAAAAAAAAAAAAAAAA", **session)
    equal(refused(ClientError, unknown.get_apis)["Error"]["Code"], "UnrecognizedClientException")
    elsewhere = boto3.client("apigatewayv2", endpoint_url=ENDPOINT, region_name="ap-south-1")
    equal(elsewhere.get_apis()["Items"], [])


def change(api_id, route):
    status, fields, _ = ask(
        api_id,
        "/animals/0",
        "OPTIONS",
        **{"Origin": "https://zoo.example", "Access-Control-Request-Method": "GET"},
    )
    equal((status, fields["Access-Control-Allow-Origin"]), (204, "https://zoo.example"))
    api.update_route(ApiId=api_id, RouteId=route["RouteId"], RouteKey="GET /beasts/{id}")
    equal(seen(api_id, "/beasts/9"), "/cage/0")
    equal(ask(api_id, "/animals/0")[0], 404)
    described = api.update_api(ApiId=api_id, Description="Animals")
    equal((described["Name"], described["Description"]), ("zoo", "Animals"))
    arn = f"arn:aws:apigateway:{REGION}::/apis/{api_id}"
    api.tag_resource(ResourceArn=arn, Tags={"cost": "low"})
    api.untag_resource(ResourceArn=arn, TagKeys=["team"])
    equal(without_metadata(api.get_tags(ResourceArn=arn)), {"Tags": {"cost": "low"}})
    schema = json.dumps({"type": "object"})
    model = api.create_model(
        ApiId=api_id, Name="Animal", ContentType="application/json", Schema=schema
    )
    equal(api.get_model(ApiId=api_id, ModelId=model["ModelId"])["Schema"], schema)


def export_and_import(api_id):
    exported = api.export_api(ApiId=api_id, Specification="OAS30", OutputType="JSON")
    text = exported["body"].read().decode()
    equal(json.loads(text)["info"]["title"], "zoo")
    copy = api.import_api(Body=text)["ApiId"]
    api.create_stage(ApiId=copy, StageName="$default", AutoDeploy=True)
    equal(seen(copy, "/beasts/9"), "/cage/0")
    names = [item["Name"] for page in pages_of("get_apis", 1) for item in page]
    equal(names, ["zoo", "zoo"])
    api.delete_api(ApiId=copy)
    equal(ask(copy, "/beasts/9")[0], 404)


def surround(api_id):
    for name in ("a.zoo.localhost", "b.zoo.localhost", "*.zoo.localhost"):
        api.create_domain_name(
            DomainName=name, DomainNameConfigurations=[{"EndpointType": "REGIONAL"}]
        )
    domains = [domain for page in pages_of("get_domain_names", 2) for domain in page]
    equal([domain["DomainName"] for domain in domains][2], "*.zoo.localhost")
    equal(domains[0]["DomainNameConfigurations"][0]["DomainNameStatus"], "AVAILABLE")
    mapped = {"DomainName": "a.zoo.localhost", "ApiId": api_id, "Stage": "$default"}
    api.create_api_mapping(ApiMappingKey="v1/zoo", **mapped)
    conflict = api.exceptions.ConflictException
    refused(conflict, api.create_api_mapping, ApiMappingKey="v1/zoo", **mapped)
    equal(len(api.get_api_mappings(DomainName="a.zoo.localhost")["Items"]), 1)
    for domain in domains:
        api.delete_domain_name(DomainName=domain["DomainName"])
    link = api.create_vpc_link(Name="cage", SubnetIds=["subnet-1"])
    equal((link["VpcLinkStatus"], link["CreatedDate"].tzinfo is not None), ("PENDING", True))
    api.delete_vpc_link(VpcLinkId=link["VpcLinkId"])
    equal(api.get_vpc_links()["Items"], [])


def remove(api_id):
    answer = api.delete_api(ApiId=api_id)
    equal(answer["ResponseMetadata"]["HTTPStatusCode"], 204)
    equal(ask(api_id, "/beasts/9")[0], 404)
    refused(api.exceptions.NotFoundException, api.delete_api, ApiId=api_id)
    equal(api.get_apis()["Items"], [])


def main():
    api_id = build()
    route = add_routes(api_id)
    meet_errors(api_id, route)
    meet_strangers()
    change(api_id, route)
    export_and_import(api_id)
    surround(api_id)
    remove(api_id)
    print(json.dumps({"checked": checked}))


main()
