using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Benchmarks;

/// <summary>
/// An encoder of a published size with weights by a formula: nothing is downloaded, and speed does not depend on the weights.
/// </summary>
/// <param name="Name">As on the command line, and as the file of a folder of peers is called.</param>
/// <param name="Configuration">Architecture and sizes.</param>
/// <param name="Gain">Of <see cref="FormulaParameters"/>.</param>
internal sealed record BenchmarkModel(string Name, ModelConfiguration Configuration, float Gain = 1)
{
    private const int PublishedVocabulary = 30522, TinyVocabulary = 200, TinyPositions = 64;

    public static IReadOnlyList<BenchmarkModel> All { get; } =
    [
        new("squeezebert-base", new SqueezeBertConfiguration { VocabularySize = 30528 }),
        new("bert-base", new BertConfiguration { VocabularySize = PublishedVocabulary }),
        new("mobilebert", new MobileBertConfiguration { VocabularySize = PublishedVocabulary }, 0.35f),
        new("tinybert-4l",
            new BertConfiguration { VocabularySize = PublishedVocabulary, HiddenSize = 312, LayerCount = 4, IntermediateSize = 1200 }),
        new("tinybert-6l", new BertConfiguration { VocabularySize = PublishedVocabulary, LayerCount = 6 }),
        new("distilbert", new DistilBertConfiguration { VocabularySize = PublishedVocabulary }),

        // Of every architecture one that takes no time: the tests compare them.
        new("tiny-squeezebert", Tiny(new SqueezeBertConfiguration())),
        new("tiny-bert", Tiny(new BertConfiguration())),
        new("tiny-mobilebert", Tiny(new MobileBertConfiguration { IntraBottleneckSize = 32, EmbeddingSize = 32, FeedForwardCount = 2 }),
            0.35f),
        new("tiny-distilbert", Tiny(new DistilBertConfiguration())),
    ];

    /// <exception cref="ArgumentException">No model has that name; the message lists them.</exception>
    public static BenchmarkModel Find(string name) => All.FirstOrDefault(model => model.Name == name)
        ?? throw new ArgumentException($"no model '{name}'; there are {string.Join(", ", All.Select(model => model.Name))}");

    public Graph Graph() => ModelGraph.Create(Configuration, ModelHead.None);

    public IParameterSource Parameters() => new FormulaParameters(Gain);

    private static ModelConfiguration Tiny(ModelConfiguration configuration) => configuration with
    {
        VocabularySize = TinyVocabulary,
        HiddenSize = 64,
        LayerCount = 2,
        HeadCount = 4,
        IntermediateSize = 128,
        MaxPositionEmbeddings = TinyPositions,
    };
}
