using System.Globalization;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Benchmarks;

/// <summary>What a training step is measured on.</summary>
/// <param name="Name">For the command line and the table.</param>
/// <param name="Configuration">The model.</param>
/// <param name="Texts">Texts of a batch.</param>
/// <param name="Length">Tokens of a text.</param>
internal sealed record TrainingShape(string Name, ModelConfiguration Configuration, int Texts, int Length)
{
    private static readonly IReadOnlyList<TrainingShape> All =
    [
        new("small", new SqueezeBertConfiguration { HiddenSize = 256, LayerCount = 6, HeadCount = 4, IntermediateSize = 1024,
            VocabularySize = 8000 }, 32, 64),
        new("base", new SqueezeBertConfiguration { VocabularySize = 30528 }, 8, 128),
        new("bert-base", new BertConfiguration { VocabularySize = 30528 }, 8, 128),
    ];

    /// <summary>The model as the PyTorch tool names it.</summary>
    public string TorchModel => string.Create(
        CultureInfo.InvariantCulture,
        $"{Configuration.ModelType}:hidden={Configuration.HiddenSize},layers={Configuration.LayerCount},heads={Configuration.HeadCount}," +
            $"ffn={Configuration.IntermediateSize},vocab={Configuration.VocabularySize}");

    /// <exception cref="ArgumentException">There is no such shape.</exception>
    public static TrainingShape Find(string name) =>
        All.FirstOrDefault(shape => shape.Name == name)
            ?? throw new ArgumentException($"--shapes: '{name}' is none of {string.Join(", ", All.Select(shape => shape.Name))}");
}
