using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Kernels;
using SqueezeBert.ModelFolders;
using SqueezeBert.ModelFolders.Quantization;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Checkpoints;

/// <content>Writes models with quantized weights.</content>
public sealed partial class ModelFolder
{
    /// <summary>
    /// Writes a model like <see cref="Save"/>, with the weights of linear layers in int8 and one scale per output channel. The layout is
    /// that of compressed-tensors. A model that is loaded from the folder computes in int8. Its results have the same bits as those of the
    /// float32 weights when they are rounded during loading. Weights that are not quantized are written in float32.
    /// </summary>
    /// <param name="folder">The folder to write to.</param>
    /// <param name="configuration">
    /// The configuration. Its architectures should name the head ("SqueezeBertForSequenceClassification").
    /// </param>
    /// <param name="tensors">Every parameter, under its transformers name. Tied parameters are given once.</param>
    /// <param name="tables">The number format of embedding tables.</param>
    /// <param name="tokenizer">The tokenizer whose files are written too, or null for none.</param>
    /// <exception cref="InvalidModelFileException">The values of the configuration do not fit together.</exception>
    /// <exception cref="UnsupportedModelException">
    /// The head is not supported, or the model has no weights that can be quantized.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// A weight to be quantized has a value that is not finite. The message names the tensor.
    /// </exception>
    public static void SaveQuantized(
        string folder, ModelConfiguration configuration, IEnumerable<NamedTensor> tensors,
        TablePrecision tables = TablePrecision.Float32, BertTokenizer? tokenizer = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        configuration.Validate(System.IO.Path.Combine(folder, ModelConfiguration.FileName));
        var plan = PlanOf(configuration, tables);
        var writer = new SafetensorsWriter();
        foreach (var tensor in tensors)
        {
            if (plan.FormOf(tensor.Name) is not StoredForm.Float32 and var form) QuantizedTensorWriter.Add(writer, tensor, form);
            else Add(writer, tensor, TensorType.Float32);
        }

        Write(folder, configuration, writer, TensorType.Float32, tokenizer, plan.Describe());
    }

    /// <summary>Returns which parameters <see cref="SaveQuantized"/> stores as integers.</summary>
    /// <exception cref="UnsupportedModelException">The head is not supported, or the model has nothing to quantize.</exception>
    internal static QuantizationPlan PlanOf(ModelConfiguration configuration, TablePrecision tables) => QuantizationPlan.Of(
        configuration, tables, new TensorNames(SupportedArchitectures.Of(configuration), configuration.TieWordEmbeddings).Canonical);
}
