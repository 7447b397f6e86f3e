using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Tokenization;
using SqueezeBert.Training.Running;

namespace SqueezeBert.Training.Compression;

/// <summary>A candidate for the result: a model with its weights and how they are stored.</summary>
/// <param name="Configuration">The configuration.</param>
/// <param name="Tensors">The weights, without rounding.</param>
/// <param name="IsInt8">Whether linear layers are stored and computed in int8.</param>
/// <param name="Tables">The number format of embedding tables, with int8.</param>
internal sealed record Candidate(ModelConfiguration Configuration, CarriedTensors Tensors, bool IsInt8, TablePrecision Tables)
{
    /// <summary>Writes the candidate as a model folder.</summary>
    /// <param name="folder">The folder to write to, which is created if necessary.</param>
    /// <param name="type">The type of the stored elements if the model is not quantized.</param>
    /// <param name="tokenizer">The tokenizer whose files are written too.</param>
    public void Save(string folder, TensorType type, BertTokenizer tokenizer)
    {
        var tensors = ModelGraph.CreateWhole(Configuration).Parameters.Select(parameter => new NamedTensor(
            parameter.Name, parameter.Shape,
            (Tensors.Find(parameter.Name) ?? throw new InvalidModelFileException(
                folder, parameter.Name, "is missing in the given model, so that there is nothing to compress")).Data));
        if (IsInt8) ModelFolder.SaveQuantized(folder, Configuration, tensors, Tables, tokenizer);
        else ModelFolder.Save(folder, Configuration, tensors, type, tokenizer);
    }
}
