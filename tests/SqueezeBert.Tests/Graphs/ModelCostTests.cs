using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Tests.Graphs;

public class ModelCostTests
{
    [Fact]
    public void TheOperationsAddUpToTheModel()
    {
        foreach (var size in new[]
            { "squeezebert-base", "squeezebert-separable", "bert-base", "tinybert-4", "distilbert", "mobilebert", "electra-small" })
        {
            var configuration = NewModel.Configure(size);
            foreach (var head in SupportedArchitectures.Of(configuration).Heads)
            {
                var graph = ModelGraph.Create(configuration, head, RowSet.Tokens);
                var operations = ModelCost.Operations(graph, 50);
                Assert.Equal(ModelCost.ParameterCount(graph), operations.Sum(operation => operation.Parameters));
                Assert.Equal(ModelCost.Flops(graph, 50), operations.Sum(operation => operation.Flops));
            }
        }
    }

    /// <summary>A token costs a language model's head two products: the transform, and a decoder with a row for each piece.</summary>
    [Theory]
    [InlineData("bert-base", "cls.predictions", 768, 768, 768)]
    [InlineData("squeezebert-separable", "cls.predictions", 384, 128, 128)]
    [InlineData("distilbert", "vocab_projector", 768, 768, 768)]
    [InlineData("mobilebert", "cls.predictions", 512, 512, 512)]
    public void ATiedDecoderHasANameOfItsOwnAndItsParametersCountOnce(
        string size, string name, int hidden, int transformed, int decoded)
    {
        var configuration = NewModel.Configure(size);
        var graph = ModelGraph.Create(configuration, ModelHead.MaskedLanguageModel, RowSet.Tokens);
        var encoder = ModelGraph.Create(configuration, ModelHead.None, hasPooler: false);
        var decoder = ModelCost.Operations(graph, 10).Single(operation => operation.Operation == name);
        long vocabulary = configuration.VocabularySize;
        Assert.Equal(2 * 10 * vocabulary * decoded, decoder.Flops);
        Assert.Equal(decoder.Flops + (2L * 10 * hidden * transformed), ModelCost.Flops(graph, 10) - ModelCost.Flops(encoder, 10));

        // MobileBERT's decoder has columns of its own beside the embeddings'.
        var own = configuration is MobileBertConfiguration ? vocabulary * (512 - 128) : 0;
        Assert.Equal(vocabulary + own, decoder.Parameters);
    }
}
