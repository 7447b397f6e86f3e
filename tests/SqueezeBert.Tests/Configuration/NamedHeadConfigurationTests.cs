using System.Text;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tests.Configuration;

/// <summary>The field "squeezebert_heads".</summary>
public sealed class NamedHeadConfigurationTests
{
    private const string Two = """
        {"model_type": "squeezebert", "architectures": ["SqueezeBertModel"], "other": {"a": [1]}, "squeezebert_heads": {
          "intent": {"task": "text-classification", "problem_type": "single_label_classification",
            "id2label": {"0": "play", "1": "stop"}, "label2id": {"play": 0, "stop": 1}},
          "slots": {"task": "token-classification", "id2label": {"1": "B-song", "0": "O"}},
          "span_2": {"task": "question-answering"}, "Words-1": {"task": "masked-language"}}}
        """;

    [Fact]
    public void HeadsAreReadInTheOrderOfTheFile()
    {
        var heads = Parse(Two).NamedHeads;

        Assert.Equal(["intent", "slots", "span_2", "Words-1"], heads.Select(head => head.Name));
        Assert.Equal(
            [HeadTask.TextClassification, HeadTask.TokenClassification, HeadTask.QuestionAnswering, HeadTask.MaskedLanguage],
            heads.Select(head => head.Task));
        Assert.Equal(["play", "stop"], heads[0].Labels);
        Assert.Equal(["O", "B-song"], heads[1].Labels);
        Assert.Empty(heads[2].Labels);
        Assert.Equal((ProblemType?)ProblemType.SingleLabelClassification, heads[0].ProblemType);
        Assert.Null(heads[1].ProblemType);
    }

    [Fact]
    public void AFileComesBackAsItWas() => Assert.Equal(JsonNode.Parse(Two)!.ToJsonString(), Parse(Two).ToJson().ToJsonString());

    [Fact]
    public void HeadsOfCodeAreWrittenAndReadAgain()
    {
        HeadConfiguration[] heads =
        [
            new("a", HeadTask.TextClassification) { Labels = ["x"], ProblemType = ProblemType.Regression, CalibrationTemperature = 2 },
            new("b", HeadTask.TokenClassification) { Labels = ["O", "B", "I"] },
            new("c", HeadTask.QuestionAnswering),
        ];
        var configuration = new BertConfiguration { NamedHeads = heads };
        heads[2] = heads[0];
        var again = Parse(configuration.ToJson().ToJsonString()).NamedHeads;

        Assert.Equal(["a", "b", "c"], again.Select(head => head.Name));
        Assert.Equal(["O", "B", "I"], again[1].Labels);
        Assert.Equal((ProblemType?)ProblemType.Regression, again[0].ProblemType);
        Assert.Equal((2.0, null), (again[0].CalibrationTemperature, again[1].CalibrationTemperature));
        Assert.Equal(["a", "b", "c"], configuration.NamedHeads.Select(head => head.Name));
    }

    [Fact]
    public void ChangedHeadsTakeThePlaceOfThoseOfTheFile()
    {
        var before = Parse(Two);

        var fewer = (before with { NamedHeads = [before.NamedHeads[1]] }).ToJson();
        Assert.Equal("slots", Assert.Single(fewer["squeezebert_heads"]!.AsObject()).Key);
        Assert.Equal("""{"a":[1]}""", fewer["other"]!.ToJsonString());
        Assert.False((before with { NamedHeads = [] }).ToJson().ContainsKey("squeezebert_heads"));
        Assert.False(new SqueezeBertConfiguration().ToJson().ContainsKey("squeezebert_heads"));
    }

    [Theory]
    [InlineData("[]", "squeezebert_heads", "must be an object")]
    [InlineData("7", "squeezebert_heads", "must be an object")]
    [InlineData("""{"a b": {"task": "masked-language"}}""", "squeezebert_heads", "'a b'")]
    [InlineData("""{"": {"task": "masked-language"}}""", "squeezebert_heads", "1 to 64 letters")]
    [InlineData("""{"a.b": {"task": "masked-language"}}""", "squeezebert_heads", "'a.b'")]
    [InlineData("""{"ä": {"task": "masked-language"}}""", "squeezebert_heads", "'ä'")]
    [InlineData("""{"a": null}""", "squeezebert_heads.a", "must be an object")]
    [InlineData("""{"a": {}}""", "squeezebert_heads.a.task", "is missing")]
    [InlineData("""{"a": {"task": 3}}""", "squeezebert_heads.a.task", "not a string")]
    [InlineData("""{"a": {"task": "pos\ntagging"}}""", "squeezebert_heads.a.task", "'pos tagging'; it must be one of text-classification")]
    [InlineData("""{"a": {"task": "token-classification"}}""", "squeezebert_heads.a.id2label", "is missing")]
    [InlineData("""{"a": {"task": "token-classification", "id2label": {}}}""", "squeezebert_heads.a.id2label", "0 labels")]
    [InlineData("""{"a": {"task": "token-classification", "id2label": {"1": "x"}}}""", "squeezebert_heads.a.id2label", "label id '1'")]
    [InlineData("""{"a": {"task": "token-classification", "id2label": {"0": null}}}""", "squeezebert_heads.a.id2label", "label 0")]
    [InlineData("""{"a": {"task": "token-classification", "id2label": ["x"]}}""", "squeezebert_heads.a.id2label", "not an object")]
    [InlineData("""{"a": {"task": "question-answering", "id2label": {"0": "x"}}}""", "squeezebert_heads.a.id2label", "leave it out")]
    [InlineData("""{"a": {"task": "masked-language", "problem_type": "regression"}}""", "squeezebert_heads.a.problem_type", "leave it out")]
    [InlineData("""{"a": {"task": "text-classification", "id2label": {"0": "x"}, "problem_type": "other"}}""",
        "squeezebert_heads.a.problem_type", "'other'")]
    [InlineData("""{"a": {"task": "text-classification", "id2label": {"0": "x"}, "calibration_temperature": 0}}""",
        "squeezebert_heads.a.calibration_temperature", "0.01 to 100")]
    [InlineData("""{"a": {"task": "masked-language", "calibration_temperature": 2}}""", "squeezebert_heads.a.calibration_temperature",
        "leave it out")]
    [InlineData("""{"a": {"task": "masked-language", "pooling": "cls"}}""", "squeezebert_heads.a.pooling", "is not known")]
    public void AWrongFieldIsRefusedByName(string heads, string field, string reason)
    {
        var e = Assert.Throws<InvalidModelFileException>(() => Parse($$"""{"model_type": "bert", "squeezebert_heads": {{heads}}}"""));

        Assert.Contains($"field '{field}'", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TooManyHeadsAreRefused()
    {
        var heads = string.Join(", ", Enumerable.Range(0, 65).Select(i => $$"""{{'"'}}h{{i}}": {"task": "masked-language"}"""));

        Assert.Contains("65 heads", Assert.Throws<InvalidModelFileException>(
            () => Parse($$$"""{"model_type": "bert", "squeezebert_heads": {{{{heads}}}}}""")).Message, StringComparison.Ordinal);
        Refused("65 heads", [.. Enumerable.Range(0, 65).Select(i => new HeadConfiguration($"h{i}", HeadTask.MaskedLanguage))]);
    }

    [Fact]
    public void WrongHeadsOfCodeAreRefused()
    {
        Refused("twice", new("a", HeadTask.MaskedLanguage), new("a", HeadTask.QuestionAnswering));
        Refused("'a/b'", new HeadConfiguration("a/b", HeadTask.MaskedLanguage));
        Refused("task", new HeadConfiguration("a", (HeadTask)17));
        Refused("id2label", new HeadConfiguration("a", HeadTask.TextClassification));
        Refused("id2label", new HeadConfiguration("a", HeadTask.MaskedLanguage) { Labels = ["x"] });
        Refused("problem_type",
            new HeadConfiguration("a", HeadTask.TokenClassification) { Labels = ["x"], ProblemType = ProblemType.Regression });
    }

    private static void Refused(string reason, params HeadConfiguration[] heads) => Assert.Contains(
        reason,
        Assert.Throws<InvalidModelFileException>(() => new BertConfiguration { NamedHeads = heads }.Validate()).Message,
        StringComparison.Ordinal);

    private static ModelConfiguration Parse(string json) => ModelConfiguration.Parse(Encoding.UTF8.GetBytes(json), "config.json");
}
