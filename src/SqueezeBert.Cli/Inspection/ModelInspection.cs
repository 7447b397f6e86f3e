using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Cli.Inspection;

/// <summary>Parameters of a part of a model: embeddings, encoder, pooler, a head.</summary>
internal sealed record PartSize(string Name, long Parameters);

/// <summary>What a configuration amounts to: its fields, the parameters of its parts, the work for one text.</summary>
/// <param name="Configuration">Fields as config.json has them, those that it leaves to their defaults, those that are not known to the
/// library.</param>
/// <param name="Parts">In the order of first use; their sum is the number of parameters.</param>
/// <param name="Length">Tokens of the text that <paramref name="Operations"/> are counted for.</param>
/// <param name="Operations">Floating-point operations by kind; a multiply-add counts as two.</param>
internal sealed record ModelInspection(JsonObject Configuration, IReadOnlyList<PartSize> Parts, int Length,
    IReadOnlyList<OperationCost> Operations)
{
    private const int DefaultLength = 128;

    public long Parameters => Parts.Sum(part => part.Parameters);

    public long Flops => Operations.Sum(operation => operation.Flops);

    /// <param name="configuration">Any supported architecture.</param>
    /// <param name="length">Tokens of a text; null: 128, or as many as the model reads.</param>
    /// <param name="hasPooler">False for a bare encoder whose checkpoint has no pooler.</param>
    /// <exception cref="UsageException">The model does not read as many tokens.</exception>
    public static ModelInspection Of(ModelConfiguration configuration, int? length, bool hasPooler = true)
    {
        var most = configuration.MaxPositionEmbeddings;
        if (length > most) throw new UsageException($"--length {length} is longer than the model reads, {most} tokens");
        var graph = ModelGraph.CreateWhole(configuration, RowSet.Tokens, hasPooler);
        var tokens = length ?? Math.Min(DefaultLength, most);
        return new ModelInspection(Fields(configuration), PartsOf(graph, ModelGraph.BasePrefix(configuration)), tokens,
            ModelCost.Operations(graph, tokens));
    }

    private static JsonObject Fields(ModelConfiguration configuration)
    {
        var fields = configuration.KnownFields();
        foreach (var (name, value) in configuration.ToJson()) fields.TryAdd(name, value?.DeepClone());
        return fields;
    }

    // "transformer.encoder.layers.0.…" belongs to the encoder, "classifier.weight" to the classifier, "heads.intent.…" to that head.
    private static List<PartSize> PartsOf(Graph graph, string prefix)
    {
        var parts = new List<PartSize>();
        foreach (var parameter in graph.Parameters)
        {
            var name = parameter.Name.StartsWith(prefix, StringComparison.Ordinal) ? parameter.Name[prefix.Length..] : parameter.Name;
            name = name.StartsWith(NamedHeads.Parameters, StringComparison.Ordinal)
                ? string.Join('.', name.Split('.').Take(2)) : name.Split('.')[0];
            var index = parts.FindIndex(part => part.Name == name);
            if (index < 0) parts.Add(new PartSize(name, parameter.Length));
            else parts[index] = parts[index] with { Parameters = parts[index].Parameters + parameter.Length };
        }

        return parts;
    }
}
