// A server of number lines as one writes it in Go: a goroutine for each connection, which runs the
// job itself. With -buffered, replies wait in a buffer until there is no request left to read.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"net"
	"strconv"
)

func main() {
	buffered := flag.Bool("buffered", false, "write what several requests are replied in one go")
	flag.Parse()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", listener.Addr().(*net.TCPAddr).Port)
	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		if *buffered {
			go serveBuffered(conn)
		} else {
			go serve(conn)
		}
	}
}

func fib(n int) int {
	if n <= 1 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func replyTo(line string) string {
	n, err := strconv.Atoi(line)
	if err != nil {
		return "Error: Invalid number\n"
	}
	return "Result: " + strconv.Itoa(fib(n)) + "\n"
}

func serve(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		if _, err := conn.Write([]byte(replyTo(lines.Text()))); err != nil {
			return
		}
	}
}

func serveBuffered(conn net.Conn) {
	defer conn.Close()
	reader, writer := bufio.NewReader(conn), bufio.NewWriter(conn)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		writer.WriteString(replyTo(line[:len(line)-1]))
		if reader.Buffered() == 0 && writer.Flush() != nil {
			return
		}
	}
}
