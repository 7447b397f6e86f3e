using System.Runtime.Intrinsics;
using SqueezeBert.Tests.Tokenization.Words;

namespace SqueezeBert.Tests.Tokenization.Files;

/// <summary>The tokenizer on a processor without vector instructions.</summary>
public class PlainProcessorTests
{
    /// <summary>Set in a child process.</summary>
    private const string Variable = "SQUEEZEBERT_TEST_PLAIN_TOKENIZER";

    [Fact]
    public async Task ReferenceRowsAndAsciiTextsPassWithoutVectorInstructions()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not null)
        {
            Assert.False(Vector128.IsHardwareAccelerated);
            return;
        }

        await TestProcess.RunAsync(
            [
                "-method", $"{typeof(ReferenceTests).FullName}.*",
                "-method",
                $"{typeof(WordScannerTests).FullName}.{nameof(WordScannerTests.AsciiTextsOfEveryLengthAreCutAsInTheNormalizedText)}",
                "-method", $"{typeof(PlainProcessorTests).FullName}.{nameof(ReferenceRowsAndAsciiTextsPassWithoutVectorInstructions)}",
            ],
            new Dictionary<string, string> { ["DOTNET_EnableHWIntrinsic"] = "0", [Variable] = "1" });
    }
}
