using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.ModelFolders.Onnx.Writing;

/// <summary>
/// Writes look-ups of table rows by token, position or type. The table of a static model may be smaller than its vocabulary.
/// </summary>
internal sealed class EmbeddingWriter(OnnxFile file, IParameterSource source, ModelInputs inputs)
{
    /// <summary>[texts, tokens, channels].</summary>
    public string Write(EmbeddingTable table)
    {
        var ids = table.Index switch
        {
            EmbeddingIndex.TokenId => inputs.TokenIds,
            EmbeddingIndex.TokenTypeId => inputs.TypeIds!,
            _ => inputs.Positions,
        };
        var rows = table.Mapping is null ? ids : Look(table.Mapping, ids);
        var found = Look(table.Weight, rows);
        return table.Factors is null ? found : file.Add("Mul", [found, file.Unsqueeze(Look(table.Factors, ids), 2)]);
    }

    private string Look(ParameterExpression table, string ids) => table is Parameter parameter
        ? file.Add("Gather", [file.Constant(OnnxTensor.Of(parameter, source)), ids], ("axis", 0L))
        : throw new Checkpoints.UnsupportedModelException($"there is no ONNX table for {table.GetType().Name}");
}
