using SqueezeBert.Server.Models;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Server.Tests;

/// <summary>A request's options are its own: no other request changes what they mean, or keeps a pipeline from being shared.</summary>
public sealed class VariantTests
{
    private const string Classifier = "squeezebert-sequence-classification";
    private const string Tagger = "squeezebert-token-classification";

    [Fact]
    public void DifferentOptionsHaveDifferentKeys()
    {
        object?[][] options =
        [
            [null], [""], ["-"], ["\n"], ["a"], ["1:a"], [null, null], ["", null], [null, ""], ["", ""], ["a", "b"], ["a\nb"], ["ab", ""],
            ["", "ab"], ["1:a1:b"], [Array.Empty<string>()], [new[] { "" }], [new[] { "O", "PER" }], [new[] { "O\nPER" }],
            [new[] { "1:O" }], [1, null], [null, 1], [true, null], [1.5f], [15],
        ];
        Assert.Distinct(options.Select(parts => VariantKey.Of(parts)));
        Assert.Equal(VariantKey.Of("a", 2, new[] { "b" }), VariantKey.Of("a", 2, new List<string> { "b" }));
    }

    /// <summary>Each pair once had one key, so the second request was answered with the options of the first.</summary>
    [Fact]
    public async Task AnAnswerDependsOnItsOwnRequestAlone()
    {
        await using var server = await RunningServer.StartAsync(("nli", Classifier), ("ner", Tagger));
        (await server.PostAsync("/models/nli/zero-shot", """{"text": "a", "labels": ["a", "b"], "entailment": "LABEL_2"}""")).Is(200);
        (await server.PostAsync(
            "/models/nli/zero-shot", """{"text": "a", "labels": ["a", "b"], "entailment": "LABEL_2", "template": ""}"""))
            .IsProblem(422, "invalid");

        // The pipeline for raw scores is no head.
        (await server.PostAsync("/models/nli/predict", """{"inputs": "a", "raw_scores": true}""")).Is(200);
        (await server.PostAsync("/models/nli/classify", """{"text": "a", "head": "raw"}""")).IsProblem(404, "unsupported");

        Assert.Equal(0, await EntitiesAsync("""["LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3", "LABEL_4"]"""));
        Assert.NotEqual(0, await EntitiesAsync("""["LABEL_0\nLABEL_1\nLABEL_2\nLABEL_3\nLABEL_4"]"""));

        async Task<int> EntitiesAsync(string ignored) => (await server.PostAsync(
            "/models/ner/tag", $$"""{"text": "the film was good", "ignore": {{ignored}}}""")).Is(200)["entities"]!.AsArray().Count;
    }

    [Fact]
    public void OptionsThatNobodyElseHasDoNotKeepAPipelineFromBeingShared()
    {
        using var folder = new ClassifierFolder(Classifier);
        using var model = InferenceModel.Load(folder.Path);
        for (var client = 0; client < 40; client++) Rent($"template {client}").Dispose();
        TextClassifier first;
        using (var lease = Rent("raw")) first = lease.Pipeline;

        // Used now and then, it stays among those that are kept.
        for (var client = 0; client < 100; client++)
        {
            Rent($"other template {client}").Dispose();
            if (client % 20 > 0) continue;
            using var again = Rent("raw");
            Assert.Same(first, again.Pipeline);
        }

        // What is not asked for any more is disposed, but not while a request holds it.
        var held = Rent("held");
        for (var client = 0; client < 40; client++) Rent($"last template {client}").Dispose();
        Assert.Throws<ObjectDisposedException>(() => first.Classify("the film"));
        Assert.NotEmpty(held.Pipeline.Classify("the film").Labels);
        held.Dispose();
        held.Dispose();
        Assert.Throws<ObjectDisposedException>(() => held.Pipeline.Classify("the film"));

        VariantLease<TextClassifier> Rent(string key) => PipelineVariants.Rent(model, key, inner => new TextClassifier(inner));
    }
}
