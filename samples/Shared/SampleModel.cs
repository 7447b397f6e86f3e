using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Hub;
using SqueezeBert.Models;
using SqueezeBert.Tokenization;

/// <summary>
/// The model of a sample: the one that its argument names, or a tiny one of random weights, which shows the calls and answers nonsense.
/// </summary>
internal sealed class SampleModel : IDisposable
{
    private readonly string? _temporary;

    private SampleModel(string path, string? temporary) => (Path, _temporary) = (path, temporary);

    /// <summary>The model's folder.</summary>
    public string Path { get; }

    /// <param name="arguments">The first is a folder, or hf:owner/name, which is fetched from the hub.</param>
    /// <param name="architecture">What the tiny model is for.</param>
    /// <param name="labels">Names of its labels.</param>
    public static async Task<SampleModel> OpenAsync(string[] arguments, string architecture, params string[] labels)
    {
        if (arguments.Length > 0) return new SampleModel(await ModelHub.ResolveAsync(arguments[0]), null);
        Console.WriteLine(
            $"A model of random weights: the answers are nonsense. For real ones give a folder or hf:owner/name of a {architecture}.");
        var folder = Directory.CreateTempSubdirectory("squeezebert-sample-").FullName;
        var tokenizer = BertTokenizer.Load(PretrainedModels.Sentiment);
        var size = new JsonObject
        {
            ["hidden_size"] = 64,
            ["num_hidden_layers"] = 2,
            ["num_attention_heads"] = 2,
            ["intermediate_size"] = 128
        };
        var configuration = NewModel.Configure("squeezebert", size, tokenizer) with { Architectures = [architecture] };
        if (labels.Length > 0) configuration = configuration with { Labels = labels };
        NewModel.Save(folder, configuration, tokenizer, seed: 1);
        return new SampleModel(folder, folder);
    }

    public void Dispose()
    {
        if (_temporary is not null) Directory.Delete(_temporary, recursive: true);
    }
}
