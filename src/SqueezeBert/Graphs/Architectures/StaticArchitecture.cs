using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Architectures;

/// <summary>
/// Static embeddings (Model2Vec, StaticEmbedding of sentence-transformers): a look-up without any layer that sees other tokens.
/// </summary>
internal sealed class StaticArchitecture() : Architecture<StaticConfiguration>(StaticConfiguration.Fields, "")
{
    public const string Table = "embeddings", Mapping = "mapping", Weights = "weights";

    /// <summary>The name of the table in a sentence-transformers folder.</summary>
    public const string ModuleTable = "embedding.weight";

    /// <summary>The number of tokens that Model2Vec reads by default.</summary>
    private const int UsualLength = 512;

    public override IReadOnlyList<ModelHead> Heads => [ModelHead.None];

    public override bool HasPooler => false;

    public override TextReading ReadingOf(ModelConfiguration c) => ((StaticConfiguration)c).DropsUnknownTokens
        ? new TextReading(HasSpecialTokens: false, HasUnknownTokens: false, UsualLength, CutsCharacters: true)
        : new TextReading(HasSpecialTokens: false, HasUnknownTokens: true, c.MaxPositionEmbeddings);

    public override string Canonical(string name) => name == ModuleTable ? Table : name;

    protected override Node Encoder(GraphBuilder g, StaticConfiguration c)
    {
        var rows = c.TableRows ?? c.VocabularySize;
        var table = new EmbeddingTable(g.TableParameter(Table, rows, c.HiddenSize), EmbeddingIndex.TokenId)
        {
            Mapping = c.TableRows is null ? null : g.RowNumbers(Mapping, c.VocabularySize, rows),
            Factors = c.HasTokenWeights ? g.Parameter(Weights, ParameterKind.RowFactor, c.VocabularySize) : null,
        };
        return g.Embed(table);
    }
}
