using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Threading;

namespace SqueezeBert.Inference;

/// <summary>Loads a model from a folder, with any head that its checkpoint has.</summary>
internal static class ModelLoader
{
    /// <param name="folder">The folder. It may be closed afterwards.</param>
    /// <param name="head">
    /// The head to load. Null loads the checkpoint's own head. None uses a checkpoint with a head as a bare encoder.
    /// </param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="languageModelRows">The rows for which a masked language model computes logits.</param>
    /// <param name="usedVocabulary">
    /// The number of tokens of the tokenizer. A masked language model never returns larger ids. Null keeps the logits of the reference.
    /// </param>
    /// <param name="pool">
    /// A thread pool that the model shares with others and that belongs to the caller. Null creates one according to the options.
    /// </param>
    /// <param name="namedHeads">
    /// The named heads to load in addition to <paramref name="head"/>. Null loads all of them with the checkpoint's own head, and none
    /// otherwise.
    /// </param>
    /// <param name="pieces">
    /// The characters of the vocabulary, for a caller that has read it. Null reads the folder's vocabulary if a head needs it.
    /// </param>
    /// <param name="cancellationToken">Cancels loading. It is checked between the parameters.</param>
    /// <exception cref="InvalidModelFileException">
    /// The checkpoint lacks a tensor of the model, for example of the requested head. The message names the missing tensors.
    /// </exception>
    /// <exception cref="UnsupportedModelException">
    /// The checkpoint's own head is not supported, or a layer is too wide for the precision.
    /// </exception>
    public static Engine Load(
        ModelFolder folder,
        ModelHead? head = null,
        EngineOptions? options = null,
        RowSet languageModelRows = RowSet.SelectedTokens,
        int? usedVocabulary = null,
        WorkerPool? pool = null,
        IReadOnlyList<HeadConfiguration>? namedHeads = null,
        Lazy<WordPieces>? pieces = null,
        CancellationToken cancellationToken = default)
    {
        var configuration = pieces is null ? folder.Configuration : folder.Configuration.WithPieces(pieces);
        namedHeads ??= head is null ? configuration.NamedHeads : [];
        var graph = GraphOf(
            folder, configuration, head ?? ModelGraph.HeadOf(configuration), namedHeads, languageModelRows, usedVocabulary);
        return new Engine(folder.Configuration, graph, folder.Weights, options, pool, cancellationToken);
    }

    private static Graph GraphOf(
        ModelFolder folder, ModelConfiguration configuration, ModelHead head, IReadOnlyList<HeadConfiguration> namedHeads,
        RowSet languageModelRows, int? usedVocabulary)
    {
        var graph = ModelGraph.Create(configuration, head, languageModelRows, usedVocabulary, namedHeads: namedHeads);
        var missing = folder.Weights.Check(graph.Parameters).Missing;

        // A checkpoint trained for tokens (masked language model, spans) has no pooler, and an encoder can do without.
        if (head == ModelHead.None && missing.Count > 0 && missing.All(name => name.StartsWith("pooler.", StringComparison.Ordinal)))
        {
            // A named head that reads the pooler gets it all the same, and then it must be there.
            graph = ModelGraph.Create(configuration, head, languageModelRows, usedVocabulary, hasPooler: false, namedHeads);
            folder.Weights.Require(graph.Parameters);
            return graph;
        }

        if (missing.FirstOrDefault(name => name.StartsWith(NamedHeads.Parameters, StringComparison.Ordinal)) is { } lost)
        {
            throw new InvalidModelFileException(
                folder.Path, lost, $"is missing; config.json describes the head '{lost.Split('.')[1]}', and the file does not hold it");
        }

        var decoder = SupportedArchitectures.Of(folder.Configuration).Decoder;
        if (!folder.Configuration.TieWordEmbeddings && missing.Contains(decoder + ".weight")
            && missing.All(name => name.StartsWith(decoder, StringComparison.Ordinal)))
        {
            throw new InvalidModelFileException(folder.Path, decoder + ".weight",
                "is missing, and config.json has \"tie_word_embeddings\": false, so the word embeddings must not take its place; set it " +
                    "to true if they are tied");
        }

        var prefix = ModelGraph.BasePrefix(folder.Configuration);
        if (missing.Count > 0 && missing.All(name => !name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var others = missing.Count == 1 ? "" : $", as {(missing.Count == 2 ? "is" : "are")} {string.Join(", ", missing.Skip(1))}";
            throw new InvalidModelFileException(
                folder.Path,
                missing[0],
                $"is missing{others}: the checkpoint ({ClassName(folder.Configuration)}) has no head for {ModelHeads.NameOf(head)}; " +
                    "train it for that, or load one that was");
        }

        folder.Weights.Require(graph.Parameters);
        return graph;
    }

    private static string ClassName(ModelConfiguration configuration) =>
        configuration.Architectures.Count > 0 ? configuration.Architectures[0] : ModelHeads.ClassName(configuration, ModelHead.None);
}
