using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Extensions.Tests;

/// <summary>A model folder whose model can be replaced by another, as an administrator does it.</summary>
internal sealed class ServedFolder : IDisposable
{
    public const string Squeeze = "squeezebert-sequence-classification";
    public const string Distil = "distilbert-sequence-classification";
    public const string Text = "the film was very good, and the bad was not.";

    private static readonly string[] Files = ["config.json", "model.safetensors"];

    private readonly ClassifierFolder _folder;

    public ServedFolder(string model = Squeeze) => _folder = new ClassifierFolder(model);

    public string Path => _folder.Path;

    /// <summary>Puts another model's files in the place of these.</summary>
    public void Replace(string model)
    {
        foreach (var name in Files)
        {
            var target = System.IO.Path.Combine(Path, name);
            var source = System.IO.Path.Combine(AppContext.BaseDirectory, "Fixtures", "models", model, name);
            File.Copy(source, target + ".new", overwrite: true);
            File.Move(target + ".new", target, overwrite: true);
        }
    }

    /// <summary>Cuts the weights off in the middle.</summary>
    public void Break()
    {
        var weights = System.IO.Path.Combine(Path, "model.safetensors");
        var bytes = File.ReadAllBytes(weights);
        File.WriteAllBytes(weights, bytes.AsSpan(0, bytes.Length / 2));
    }

    /// <summary>What a model says of the text, without a host.</summary>
    public static float[] Scores(string model)
    {
        using var folder = new ClassifierFolder(model);
        using var classifier = TextClassifier.Load(folder.Path);
        return Scores(classifier.Classify(Text));
    }

    public static float[] Scores(Classification answer) =>
        [.. answer.Labels.OrderBy(label => label.Label, StringComparer.Ordinal).Select(label => label.Score)];

    public void Dispose() => _folder.Dispose();
}
