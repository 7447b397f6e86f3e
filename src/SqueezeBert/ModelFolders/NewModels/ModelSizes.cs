using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.ModelFolders.NewModels;

/// <summary>
/// The sizes that papers and published checkpoints use, by name, and those without one by their model type: transformers' defaults.
/// </summary>
internal static class ModelSizes
{
    private static readonly (string Name, Func<ModelConfiguration> Make)[] All =
    [
        ("squeezebert-base", () => new SqueezeBertConfiguration { VocabularySize = 30528 }),
        ("squeezebert-separable", () => new SeparableConfiguration()),
        ("bert-tiny", () => Bert(2, 128, 2)),
        ("bert-mini", () => Bert(4, 256, 4)),
        ("bert-small", () => Bert(4, 512, 8)),
        ("bert-medium", () => Bert(8, 512, 8)),
        ("bert-base", () => Bert(12, 768, 12)),
        ("bert-large", () => Bert(24, 1024, 16)),
        ("minilm-6", () => Bert(6, 384, 12)),
        ("minilm-12", () => Bert(12, 384, 12)),
        ("tinybert-4", () => Bert(4, 312, 12) with { IntermediateSize = 1200 }),
        ("tinybert-6", () => Bert(6, 768, 12)),
        ("distilbert", () => new DistilBertConfiguration()),
        ("mobilebert", () => new MobileBertConfiguration()),
        ("squeezebert", () => new SqueezeBertConfiguration()),
        ("bert", () => new BertConfiguration()),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(size => size.Name)];

    /// <exception cref="ArgumentException">There is no size of this name; the message has the nearest.</exception>
    public static ModelConfiguration Find(string name)
    {
        foreach (var (known, make) in All)
        {
            if (string.Equals(known, name, StringComparison.OrdinalIgnoreCase)) return make();
        }

        throw new ArgumentException(
            $"there is no size '{name}'; the nearest is '{NearestNames.First(name, Names)}', all are " +
                $"{string.Join(", ", Names)}");
    }

    /// <summary>BERT's feed-forward networks are four times as wide as its hidden states.</summary>
    private static BertConfiguration Bert(int layers, int width, int heads) => new()
    {
        LayerCount = layers,
        HiddenSize = width,
        HeadCount = heads,
        IntermediateSize = 4 * width,
    };
}
