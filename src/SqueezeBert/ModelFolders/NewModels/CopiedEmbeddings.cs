using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.ModelFolders.NewModels;

/// <summary>
/// Initial values whose embeddings are those of a saved model. It copies every tensor below "embeddings." that the saved model has under
/// the same name with the same shape. Of a table with more rows, the first ones are copied. All other values come from another source.
/// </summary>
internal sealed class CopiedEmbeddings : IParameterSource
{
    private const string Embeddings = "embeddings.";
    private readonly ModelWeights _saved;
    private readonly TensorNames _names;
    private readonly IParameterSource _others;

    /// <param name="saved">The saved model. It must stay open as long as values are read.</param>
    /// <param name="configuration">The configuration of the new model.</param>
    /// <param name="graph">The graph of the new model.</param>
    /// <param name="others">The source of all other values.</param>
    /// <exception cref="InvalidModelFileException">The word embeddings of the two models do not have the same width.</exception>
    public CopiedEmbeddings(ModelFolder saved, ModelConfiguration configuration, Graph graph, IParameterSource others)
    {
        _saved = saved.Weights;
        _others = others;
        _names = new TensorNames(SupportedArchitectures.Of(configuration), configuration.TieWordEmbeddings);
        var words = graph.Parameters.FirstOrDefault(parameter => _names.Canonical(parameter.Name) == Architecture.Words);
        if (words is null || !_saved.TryFind(Architecture.Words, out var info))
        {
            throw new InvalidModelFileException(saved.Path, Architecture.Words,
                words is null ? $"cannot be copied: a {configuration.ModelType} has no such table" : "is missing, so it cannot be copied");
        }

        if (info.Shape[^1] == words.Columns) return;
        var field = configuration.Layout.EmbeddingSize is { Name: { } embedding, Missing: not null } ? embedding
            : configuration.Layout.HiddenSize.Name;
        throw new InvalidModelFileException(saved.Path, info.Name,
            $"has {info.Shape[^1]} numbers a token and the new model {words.Columns}; give the new model {field}={info.Shape[^1]}");
    }

    public void Read(Parameter parameter, Span<float> destination)
    {
        _others.Read(parameter, destination);
        var name = _names.Canonical(parameter.Name);
        if (!name.StartsWith(Embeddings, StringComparison.Ordinal) || !_saved.TryFind(name, out var info)) return;
        int[] shape = [.. info.Shape.Select(size => checked((int)size))];
        if (shape.AsSpan().SequenceEqual([.. parameter.Shape]))
        {
            _saved.Read(new Parameter(name, parameter.Kind, shape), destination);
        }
        else if (parameter.Kind == ParameterKind.Embedding && shape.Length == 2 && shape[1] == parameter.Columns)
        {
            var rows = new float[(long)shape[0] * shape[1]];
            _saved.Read(new Parameter(name, parameter.Kind, shape), rows);
            rows.AsSpan(0, Math.Min(rows.Length, destination.Length)).CopyTo(destination);
        }
    }
}
