// Condition operators, row by row, written by hand from AWS's pages. `null`: the key is absent; `undefined`: not known.

import type { Outcome } from "../../src/policy/outcome.js";

const OPERATORS = "IAM User Guide, Condition operators";
const MULTI = "IAM User Guide, Set operators for multivalued context keys";
const VARIABLES = "IAM User Guide, IAM policy elements: Variables and tags";
const RESOURCE = "IAM User Guide, IAM JSON policy elements: Resource";
const SILENT = "no page says";

type Row = [
  operator: string,
  policyValues: string | string[],
  requestValues: string | string[] | null | undefined,
  outcome: Outcome,
  source: string,
];

const TOPIC = "arn:aws:sns:us-west-2:123456789012:TOPIC-ID";
const US = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-pro-v1:0";
const ROLES = ["arn:*:iam::*:role/AWSControlTowerExecution", "arn:aws:iam::111122223333:role/admin/*"];

export const CONDITION_ROWS: Row[] = [
  // String
  ["StringEquals", "iamuser-admin", "iamuser-admin", "match", OPERATORS],
  ["StringEquals", "iamuser-admin", "dev-ops", "no match", OPERATORS],
  ["StringEquals", "iamuser-admin", "IAMUSER-ADMIN", "no match", OPERATORS],
  ["StringEquals", "iamuser-admin", null, "no match", OPERATORS],
  ["StringEquals", "iamuser-admin", undefined, "unknown", OPERATORS],
  ["StringEquals", ["us-east-1", "us-west-2"], "us-west-2", "match", OPERATORS],
  ["StringEquals", "us-*", "us-west-2", "no match", OPERATORS],
  ["StringNotEquals", ["us-east-1", "us-west-2"], "us-west-2", "no match", OPERATORS],
  ["StringNotEquals", ["us-east-1", "us-west-2"], "unspecified", "match", OPERATORS],
  ["StringNotEquals", "us-east-1", null, "match", OPERATORS],
  ["StringNotEquals", "us-east-1", undefined, "unknown", OPERATORS],
  ["StringEqualsIgnoreCase", "preprod", "PreProd", "match", OPERATORS],
  ["StringEqualsIgnoreCase", "preprod", "prod", "no match", OPERATORS],
  ["StringEqualsIgnoreCase", "kelvin", "\u212aelvin", "unknown", SILENT],
  ["StringNotEqualsIgnoreCase", "kelvin", "\u212aelvin", "unknown", SILENT],
  ["StringNotEqualsIgnoreCase", "preprod", "PreProd", "no match", OPERATORS],
  ["StringNotEqualsIgnoreCase", "preprod", null, "match", OPERATORS],
  ["StringLike", "t?.*", "t2.micro", "match", OPERATORS],
  ["StringLike", "t?.*", "m2.micro", "no match", OPERATORS],
  ["StringLike", "*", "", "match", OPERATORS],
  ["StringLike", "*", null, "no match", OPERATORS],
  ["StringNotLike", "us-*", "eu-west-1", "match", OPERATORS],
  ["StringNotLike", "us-*", "us-east-1", "no match", OPERATORS],
  ["StringNotLike", "us-*", null, "match", OPERATORS],
  // Numeric
  ["NumericEquals", "10", "10.0", "match", OPERATORS],
  ["NumericEquals", "10", "11", "no match", OPERATORS],
  ["NumericNotEquals", "10", "11", "match", OPERATORS],
  ["NumericNotEquals", "10", null, "match", OPERATORS],
  ["NumericLessThan", "10", "9.99", "match", OPERATORS],
  ["NumericLessThan", "10", "10", "no match", OPERATORS],
  ["NumericLessThanEquals", "10", "10", "match", OPERATORS],
  ["NumericLessThanEquals", "10", null, "no match", OPERATORS],
  ["NumericGreaterThan", "9007199254740992", "9007199254740993", "match", OPERATORS],
  ["NumericGreaterThan", "-2", "-1", "match", OPERATORS],
  ["NumericGreaterThanEquals", "10", "9", "no match", OPERATORS],
  ["NumericLessThanEquals", "10", "ten", "unknown", SILENT],
  // Date
  ["DateEquals", "2020-01-01T00:00:01Z", "1577836801", "match", OPERATORS],
  ["DateNotEquals", "2020-01-01T00:00:01Z", "2020-01-01T00:00:02Z", "match", OPERATORS],
  ["DateGreaterThan", "2020-01-01T00:00:01Z", "2020-06-01", "match", OPERATORS],
  ["DateGreaterThan", "2020-01-01T00:00:01Z", null, "no match", OPERATORS],
  ["DateLessThan", "2020-01-01T00:00:01Z", "2019-12-31T23:59:59Z", "match", OPERATORS],
  ["DateLessThanEquals", "2020-01-01T02:00:00+02:00", "2020-01-01T00:00:00Z", "match", OPERATORS],
  ["DateGreaterThanEquals", "2020-01-01", "2019-12-31", "no match", OPERATORS],
  // Bool, binary
  ["Bool", "false", "false", "match", OPERATORS],
  ["Bool", "false", "true", "no match", OPERATORS],
  ["Bool", "false", null, "no match", OPERATORS],
  ["Bool", "true", "perhaps", "unknown", SILENT],
  ["BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "match", OPERATORS],
  ["BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "ASIAIOSFODNN7EXAMPLE", "no match", OPERATORS],
  ["BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", null, "no match", OPERATORS],
  // IP
  ["IpAddress", "203.0.113.0/24", "203.0.113.1", "match", OPERATORS],
  ["IpAddress", "203.0.113.0/24", "198.51.100.1", "no match", OPERATORS],
  ["IpAddress", "203.0.113.0/24", null, "no match", OPERATORS],
  ["IpAddress", "203.0.113.7", "203.0.113.7", "match", OPERATORS],
  ["IpAddress", "203.0.113.7", "203.0.113.8", "no match", OPERATORS],
  ["IpAddress", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], "2001:db8:1234:5678::9", "match", OPERATORS],
  ["IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5679::9", "no match", OPERATORS],
  ["IpAddress", "2001:db8::/32", "203.0.113.1", "no match", OPERATORS],
  ["IpAddress", "0.0.0.0/0", "203.0.113.1", "match", OPERATORS],
  ["IpAddress", "2001:db8::1", "2001:db8::1", "match", OPERATORS],
  // The page's default prefix, /32, is no single address of IPv6.
  ["IpAddress", "2001:db8::1", "2001:db8::2", "unknown", SILENT],
  ["IpAddress", "203.0.113.0/24", "::ffff:203.0.113.1", "unknown", SILENT],
  ["NotIpAddress", "203.0.113.0/24", "198.51.100.1", "match", OPERATORS],
  ["NotIpAddress", "203.0.113.0/24", null, "match", OPERATORS],
  // ARN
  ["ArnEquals", TOPIC, TOPIC, "match", OPERATORS],
  ["ArnEquals", TOPIC, "arn:aws:sns:us-west-2:777788889999:TOPIC-ID", "no match", OPERATORS],
  ["ArnEquals", TOPIC, null, "no match", OPERATORS],
  ["ArnEquals", "arn:aws:bedrock:*:*:inference-profile/us.*", US, "match", OPERATORS],
  ["ArnLike", "arn:aws:bedrock:*:*:inference-profile/eu.*", US, "no match", OPERATORS],
  ["ArnLike", "arn:aws:bedrock:us-east-1::inference-profile/us.*", US, "no match", OPERATORS],
  ["ArnNotLike", "arn:aws:bedrock:*:*:inference-profile/us.*", US, "no match", OPERATORS],
  ["ArnNotLike", "arn:aws:bedrock:*:*:inference-profile/us.*", null, "match", OPERATORS],
  ["ArnNotEquals", ROLES, "arn:aws:iam::111122223333:role/admin/App", "no match", OPERATORS],
  ["ArnNotLike", ROLES, "arn:aws:iam::111122223333:role/App", "match", OPERATORS],
  ["ArnLike", "*", US, "match", RESOURCE],
  // Six parts checked separately, says one page; a trailing star goes beyond colons, says the page that it points to.
  ["ArnLike", "arn:aws:bedrock:*", US, "unknown", RESOURCE],
  // IfExists
  ["StringLikeIfExists", ["t1.*", "t2.*", "m3.*"], "t1.micro", "match", OPERATORS],
  ["StringLikeIfExists", ["t1.*", "t2.*", "m3.*"], "m2.micro", "no match", OPERATORS],
  ["StringLikeIfExists", ["t1.*", "t2.*", "m3.*"], null, "match", OPERATORS],
  ["StringNotEqualsIfExists", "us-east-1", null, "match", OPERATORS],
  ["StringEqualsIfExists", "us-east-1", undefined, "unknown", OPERATORS],
  // Null
  ["Null", "true", null, "match", OPERATORS],
  ["Null", "true", "x", "no match", OPERATORS],
  ["Null", "false", "x", "match", OPERATORS],
  ["Null", "false", null, "no match", OPERATORS],
  ["Null", "true", undefined, "unknown", OPERATORS],
  ["Null", ["true", "false"], undefined, "match", OPERATORS],
  // Set operators
  ["ForAnyValue:StringEquals", "environment", ["environment", "costcenter"], "match", OPERATORS],
  ["ForAnyValue:StringEquals", "environment", ["Environment"], "no match", OPERATORS],
  ["ForAnyValue:StringEquals", "environment", null, "no match", OPERATORS],
  ["ForAnyValue:StringNotEquals", "environment", ["environment", "costcenter"], "match", OPERATORS],
  ["ForAnyValue:StringNotEquals", "environment", ["environment"], "no match", OPERATORS],
  ["ForAnyValue:StringNotEquals", "environment", null, "no match", MULTI],
  ["ForAllValues:StringEquals", ["a", "b"], ["a", "b"], "match", MULTI],
  ["ForAllValues:StringEquals", ["a", "b"], ["a", "c"], "no match", MULTI],
  ["ForAllValues:StringEquals", ["a", "b"], null, "match", MULTI],
  ["ForAllValues:StringEquals", ["a", "b"], "", "match", MULTI],
  ["ForAllValues:StringEquals", ["a", "b"], undefined, "unknown", MULTI],
  ["ForAllValues:StringNotEquals", ["a", "b"], ["c", "d"], "match", OPERATORS],
  ["ForAllValues:StringNotEquals", ["a", "b"], ["c", "a"], "no match", OPERATORS],
  [
    "ForAllValues:StringNotLike",
    ["o-acorg/r-acroot/ou-media/", "o-acorg/r-acroot/ou-sports/*"],
    ["o-acorg/r-acroot/ou-other/"],
    "match",
    OPERATORS,
  ],
  [
    "ForAllValues:ArnLike",
    ["arn:aws:cloudfront::123456789012:distribution/*"],
    ["arn:aws:cloudfront::123456789012:distribution/a", "arn:aws:cloudfront::123456789012:distribution/b"],
    "match",
    OPERATORS,
  ],
  [
    "ForAllValues:ArnLike",
    ["arn:aws:cloudfront::123456789012:distribution/*"],
    ["arn:aws:cloudfront::777788889999:distribution/a"],
    "no match",
    OPERATORS,
  ],
  ["ForAllValues:ArnLike", ["arn:aws:cloudfront::123456789012:distribution/*"], null, "match", OPERATORS],
  ["ForAllValues:Bool", "true", ["true", "false"], "no match", OPERATORS],
  ["ForAnyValue:Bool", "true", ["true", "false"], "match", OPERATORS],
  ["ForAnyValue:StringLikeIfExists", "a*", null, "match", OPERATORS],
  // Several values without a set operator: known only where all come to the same.
  ["StringEquals", ["a", "b"], ["a", "b"], "match", SILENT],
  ["StringEquals", "a", ["a", "b"], "unknown", SILENT],
  ["StringNotEquals", "a", ["b", "c"], "match", SILENT],
  // Variables: aws:username is "martha", aws:PrincipalTag/none is absent, aws:PrincipalTag/secret is not known.
  ["StringLike", ["home/", "home/${aws:username}/"], "home/martha/", "match", OPERATORS],
  ["StringLike", ["home/", "home/${aws:username}/"], "home/nikki/", "no match", OPERATORS],
  ["StringEquals", "${AWS:UserName}", "martha", "match", VARIABLES],
  ["StringEquals", "${aws:PrincipalTag/none}", "x", "no match", VARIABLES],
  ["StringNotEquals", "${aws:PrincipalTag/none}", "x", "match", VARIABLES],
  ["StringEquals", "${aws:PrincipalTag/none, 'company-wide'}", "company-wide", "match", VARIABLES],
  ["StringEquals", "${aws:PrincipalTag/secret}", "x", "unknown", VARIABLES],
  ["StringEquals", ["${aws:PrincipalTag/secret}", "x"], "x", "match", VARIABLES],
  ["StringLike", "a${*}b", "a*b", "match", VARIABLES],
  ["StringLike", "a${*}b", "axb", "no match", VARIABLES],
  ["StringEquals", "a${$}b", "a$b", "match", VARIABLES],
  ["NumericEquals", "1", "${aws:username}", "unknown", SILENT],
];
