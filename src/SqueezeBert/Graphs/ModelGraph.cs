using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs;

/// <summary>From a configuration to the graph of its architecture with a head.</summary>
internal static class ModelGraph
{
    /// <param name="configuration">Any supported architecture.</param>
    /// <param name="head">What to put on the encoder.</param>
    /// <param name="languageModelRows">The rows that a masked language model's logits are wanted for.</param>
    /// <param name="usedVocabulary">
    /// Pieces of the tokenizer. Published files round the vocabulary up (30,522 to 30,528), and a masked language model gives the ids that
    /// no piece has negative infinity, so that they never win. Null keeps the reference's logits.
    /// </param>
    /// <param name="hasPooler">False for a bare encoder whose checkpoint has no pooler.</param>
    /// <param name="namedHeads">Heads of the configuration that are built beside <paramref name="head"/>; null: none.</param>
    /// <exception cref="UnsupportedModelException">The architecture has no such head; the message lists those that it has.</exception>
    public static Graph Create(
        ModelConfiguration configuration,
        ModelHead head,
        RowSet languageModelRows = RowSet.SelectedTokens,
        int? usedVocabulary = null,
        bool hasPooler = true,
        IReadOnlyList<HeadConfiguration>? namedHeads = null)
    {
        namedHeads ??= [];
        var architecture = SupportedArchitectures.Of(configuration);
        var descriptor = ModelHeads.Find(head, architecture);
        var named = namedHeads.Select(own => ModelHeads.Find(NamedHeads.HeadOf(own), architecture)).ToList();
        var prefix = head == ModelHead.None ? "" : architecture.Prefix;
        var g = new GraphBuilder(prefix);
        var hidden = architecture.Encoder(g, configuration);
        g.Output(OutputNames.LastHiddenState, hidden);
        var first = (descriptor.Input == HeadInput.FirstToken && hasPooler) || named.Any(own => own.Input == HeadInput.FirstToken)
            ? architecture.FirstToken(g, configuration, hidden) : null;
        g.Prefix = "";
        var context = new HeadContext(g, prefix, architecture, configuration, hidden, first, languageModelRows, usedVocabulary);
        descriptor.Build(context);
        for (var i = 0; i < named.Count; i++)
        {
            g.Prefix = NamedHeads.ParameterPrefix(namedHeads[i]);
            g.OutputPrefix = NamedHeads.OutputPrefix(namedHeads[i]);
            named[i].Build(context with { Configuration = configuration.For(namedHeads[i]) });
        }

        return g.Build(head, namedHeads);
    }

    /// <summary>All that the configuration describes: the head of its class, and those with names.</summary>
    /// <inheritdoc cref="Create"/>
    public static Graph CreateWhole(
        ModelConfiguration configuration, RowSet languageModelRows = RowSet.SelectedTokens, bool hasPooler = true) =>
        Create(configuration, HeadOf(configuration), languageModelRows, hasPooler: hasPooler, namedHeads: configuration.NamedHeads);

    /// <inheritdoc cref="ModelHeads.Of"/>
    public static ModelHead HeadOf(ModelConfiguration configuration) => ModelHeads.Of(configuration);

    /// <summary>Which tokens of a text the model's encoder reads.</summary>
    public static TextReading ReadingOf(ModelConfiguration configuration) =>
        SupportedArchitectures.Of(configuration).ReadingOf(configuration);

    /// <summary>Put before the encoder's names in a checkpoint that has a head.</summary>
    public static string BasePrefix(ModelConfiguration configuration) => SupportedArchitectures.Of(configuration).Prefix;
}
