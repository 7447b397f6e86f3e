using SqueezeBert.Benchmarks.Measuring;

namespace SqueezeBert.Benchmarks.Tests;

public class ResultsFileTests
{
    [Fact]
    public void ARunReplacesItsOwnSectionAndLeavesTheOthers()
    {
        var file = ResultsFile.WithSection("", "A CPU", "texts", "| a |\n|---|\n| 1 |");
        file = ResultsFile.WithSection(file, "A CPU", "inference", "one\n\ntwo");
        Assert.Contains("# Results on A CPU", file, StringComparison.Ordinal);
        Assert.True(file.IndexOf("## inference", StringComparison.Ordinal) < file.IndexOf("## texts", StringComparison.Ordinal));
        var again = ResultsFile.WithSection(file, "A CPU", "inference", "three");
        Assert.DoesNotContain("two", again, StringComparison.Ordinal);
        Assert.Contains("| 1 |", again, StringComparison.Ordinal);
        Assert.Equal(again, ResultsFile.WithSection(again, "A CPU", "inference", "three"));
    }

    [Fact]
    public void AProcessorsNameIsTheFiles()
    {
        Assert.Matches("^amd-epyc-9v74-80-core-processor[a-z0-9-]*\\.md$", ResultsFile.NameFor("AMD EPYC 9V74 80-Core Processor"));
        Assert.Matches("^apple-m2[a-z0-9-]*\\.md$", ResultsFile.NameFor("Apple M2 "));
    }
}
