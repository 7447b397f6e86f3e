using System.Text;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tests.Configuration;

/// <summary>The field "hashed_ngrams", of config.json and of a named head.</summary>
public sealed class HashedNgramConfigurationTests
{
    private const string File = """
        {"model_type": "bert", "architectures": ["BertForTokenClassification"],
          "hashed_ngrams": {"lengths": [3, 5], "buckets": 100, "dimensions": 8},
          "squeezebert_heads": {"slots": {"task": "token-classification", "id2label": {"0": "O"},
            "hashed_ngrams": {"buckets": 7, "dimensions": 1, "lengths": [2, 2]}}}}
        """;

    [Fact]
    public void AFileIsReadAndComesBackAsItWas()
    {
        var configuration = Parse(File);
        Assert.Equal(
            new HashedNgrams { Buckets = 100, Dimensions = 8, MinLength = 3, MaxLength = 5 }, configuration.HashedNgrams);
        Assert.Equal(
            new HashedNgrams { Buckets = 7, Dimensions = 1, MinLength = 2, MaxLength = 2 }, configuration.NamedHeads[0].HashedNgrams);
        Assert.Equal(JsonNode.Parse(File)!.ToJsonString(), configuration.ToJson().ToJsonString());
        Assert.Equal(configuration.NamedHeads[0].HashedNgrams, configuration.For(configuration.NamedHeads[0]).HashedNgrams);
    }

    [Fact]
    public void ThoseOfCodeAreWrittenAndReadAgain()
    {
        var ngrams = new HashedNgrams { MinLength = 4, MaxLength = 6 };
        var made = new BertConfiguration
        {
            HashedNgrams = ngrams,
            NamedHeads = [new("a", HeadTask.TokenClassification) { Labels = ["O"], HashedNgrams = new() }],
        };
        var json = made.ToJson();
        Assert.Equal("""{"buckets":8192,"dimensions":64,"lengths":[4,6]}""", json["hashed_ngrams"]!.ToJsonString());
        var again = Parse(json.ToJsonString());
        Assert.Equal((ngrams, new HashedNgrams()), (again.HashedNgrams, again.NamedHeads[0].HashedNgrams));
        Assert.False((again with { HashedNgrams = null }).ToJson().ContainsKey("hashed_ngrams"));
        Assert.False(new BertConfiguration().ToJson().ContainsKey("hashed_ngrams"));
    }

    [Theory]
    [InlineData("[]", "", "must be an object")]
    [InlineData("true", "", "must be an object")]
    [InlineData("""{"buckets": 8, "dimensions": 4}""", ".lengths", "is missing")]
    [InlineData("""{"buckets": 8, "lengths": [2, 3]}""", ".dimensions", "is missing")]
    [InlineData("""{"buckets": 8, "dimensions": 4, "lengths": [2, 3], "seed": 1}""", ".seed", "is not known")]
    [InlineData("""{"buckets": 0, "dimensions": 4, "lengths": [2, 3]}""", ".buckets", "it must be 1 to 1048576")]
    [InlineData("""{"buckets": 1048577, "dimensions": 4, "lengths": [2, 3]}""", ".buckets", "it must be 1 to 1048576")]
    [InlineData("""{"buckets": 1e30, "dimensions": 4, "lengths": [2, 3]}""", ".buckets", "not a whole number")]
    [InlineData("""{"buckets": 8, "dimensions": -4, "lengths": [2, 3]}""", ".dimensions", "it must be 1 to 1024")]
    [InlineData("""{"buckets": 8, "dimensions": 4, "lengths": [3, 2]}""", ".lengths", "the smaller one first")]
    [InlineData("""{"buckets": 8, "dimensions": 4, "lengths": [1, 2]}""", ".lengths", "from 2 to 16")]
    [InlineData("""{"buckets": 8, "dimensions": 4, "lengths": [2, 17]}""", ".lengths", "from 2 to 16")]
    [InlineData("""{"buckets": 8, "dimensions": 4, "lengths": [2]}""", ".lengths", "such as [2, 4]")]
    [InlineData("""{"buckets": 8, "dimensions": 4, "lengths": 2}""", ".lengths", "not a list")]
    public void AWrongFieldIsRefusedByName(string value, string field, string reason)
    {
        Refused($$"""{"model_type": "bert", "hashed_ngrams": {{value}}}""", "hashed_ngrams" + field, reason);
        Refused(
            $$$"""
            {"model_type": "bert", "squeezebert_heads": {"a": {"task": "token-classification", "id2label": {"0": "O"},
              "hashed_ngrams": {{{value}}} } } }
            """,
            "squeezebert_heads.a.hashed_ngrams" + field, reason);
    }

    [Fact]
    public void OnlyAHeadOfTokensHasThem()
    {
        Refused(
            """
            {"model_type": "bert", "squeezebert_heads": {"a": {"task": "masked-language",
              "hashed_ngrams": {"buckets": 8, "dimensions": 4, "lengths": [2, 3]}}}}
            """,
            "squeezebert_heads.a.hashed_ngrams", "leave it out");
        var wrong = new BertConfiguration { HashedNgrams = new() { MinLength = 5 } };
        var error = Assert.Throws<InvalidModelFileException>(wrong.Validate);
        Assert.Contains("hashed_ngrams.lengths", error.Message, StringComparison.Ordinal);
    }

    private static void Refused(string json, string field, string reason)
    {
        var e = Assert.Throws<InvalidModelFileException>(() => Parse(json));
        Assert.Contains($"field '{field}'", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    private static ModelConfiguration Parse(string json) => ModelConfiguration.Parse(Encoding.UTF8.GetBytes(json), "config.json");
}
