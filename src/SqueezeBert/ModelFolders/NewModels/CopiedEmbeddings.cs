using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.ModelFolders.NewModels;

/// <summary>
/// Initial values whose embeddings are those of a saved model. It copies every tensor below "embeddings." that the saved model has under
/// the same name with the same shape. Of a table with more rows, the first ones are copied. If the new model's word embeddings are
/// narrower, its tables are <see cref="NarrowedEmbeddings"/>. All other values come from another source.
/// </summary>
internal sealed class CopiedEmbeddings : IParameterSource
{
    private const string Embeddings = "embeddings.";
    private readonly ModelWeights _saved;
    private readonly TensorNames _names;
    private readonly IParameterSource _others;
    private readonly NarrowedEmbeddings? _narrowed;

    /// <param name="saved">The saved model. It must stay open as long as values are read.</param>
    /// <param name="configuration">The configuration of the new model.</param>
    /// <param name="graph">The graph of the new model.</param>
    /// <param name="others">The source of all other values.</param>
    /// <param name="cancellationToken">Cancels the search for the principal components of wider word embeddings.</param>
    /// <exception cref="InvalidModelFileException">The word embeddings of the new model are wider than those of the saved one.</exception>
    public CopiedEmbeddings(
        ModelFolder saved, ModelConfiguration configuration, Graph graph, IParameterSource others, CancellationToken cancellationToken)
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
        if (info.Shape[^1] > words.Columns)
        {
            _narrowed = NarrowedEmbeddings.Of(_saved, words.Columns, cancellationToken);
            return;
        }

        var field = configuration.Layout.EmbeddingSize is { Name: { } embedding, Missing: not null } ? embedding
            : configuration.Layout.HiddenSize.Name;
        throw new InvalidModelFileException(saved.Path, info.Name,
            $"has {info.Shape[^1]} numbers a token and the new model {words.Columns}; give the new model {field}={info.Shape[^1]} or less");
    }

    public void Read(Parameter parameter, Span<float> destination)
    {
        _others.Read(parameter, destination);
        var name = _names.Canonical(parameter.Name);
        if (_narrowed?.TryProject(name, parameter, destination) == true) return;
        if (!name.StartsWith(Embeddings, StringComparison.Ordinal) || SavedShape(name) is not { } shape) return;
        if (shape.AsSpan().SequenceEqual([.. parameter.Shape]))
        {
            _saved.Read(new Parameter(name, parameter.Kind, shape), destination);
        }
        else if (parameter.Kind == ParameterKind.Embedding && shape.Length == 2)
        {
            var rows = new float[(long)shape[0] * shape[1]];
            _saved.Read(new Parameter(name, parameter.Kind, shape), rows);
            if (_narrowed?.Width == shape[1] && _narrowed.Kept == parameter.Columns) rows = _narrowed.Narrow(rows);
            else if (shape[1] != parameter.Columns) return;
            rows.AsSpan(0, Math.Min(rows.Length, destination.Length)).CopyTo(destination);
        }
    }

    private int[]? SavedShape(string name) =>
        _saved.TryFind(name, out var info) ? [.. info.Shape.Select(size => checked((int)size))] : null;
}
