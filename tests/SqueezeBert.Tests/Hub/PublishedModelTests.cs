using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Hub;
using SqueezeBert.Inference;

namespace SqueezeBert.Tests.Hub;

/// <summary>The published weights, where a network or a copy of them is at hand.</summary>
public sealed class PublishedModelTests
{
    private const string Variable = "SQUEEZEBERT_TEST_MNLI";

    /// <summary>The vector of transformers' own slow test, to its tolerance.</summary>
    [Fact]
    public async Task SqueezeBertMnliGivesThePublishedLogits()
    {
        var model = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(model),
            $"needs the published weights: set {Variable} to hf:squeezebert/squeezebert-mnli or to a folder that has them");
        using var folder = ModelFolder.Open(await ModelHub.ResolveAsync(model!));
        using var inference = new Engine(folder.Configuration,
            ModelGraph.Create(folder.Configuration, ModelHead.SequenceClassification), folder.Weights);
        using var session = inference.CreateSession([OutputNames.Logits]);
        var batch = new PackedBatch();
        batch.Add([1, 29414, 232, 328, 740, 1140, 12695, 69, 13, 1588, 2]);

        session.Run(batch);

        var logits = session.GetOutput(OutputNames.Logits).ToArray();
        float[] expected = [0.6401f, -0.0349f, -0.6041f];
        Assert.Equal(3, logits.Length);
        for (var i = 0; i < 3; i++) Assert.InRange(logits[i], expected[i] - 1e-4f, expected[i] + 1e-4f);
    }
}
